//! A message to a person, before it is laid out: for the terminal or as JSON.

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use migrate_sql::mask_passwords;
use migrate_text::source::Location;
use migrate_text::visible::visible;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::code::{Code, Status};

/// What happened, where, in what state things are, and what to do next.
pub struct Message {
    /// In brackets after `error`, for searching the docs.
    pub code: Code,
    /// One sentence.
    pub title: String,
    /// The text that is meant, and what to say below it.
    pub place: Option<(Location, String)>,
    /// PostgreSQL's code for it, for programs; people read it in the label.
    pub sqlstate: Option<String>,
    /// `name: text`, in order. Known names: `detail`, `hint`, `context`, `state`, `next`.
    pub notes: Vec<(&'static str, String)>,
    /// For programs alone.
    pub data: Vec<(&'static str, Value)>,
    status: Status,
}

impl Message {
    /// One sentence under a code.
    pub fn new(code: Code, title: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            place: None,
            sqlstate: None,
            notes: Vec::new(),
            data: Vec::new(),
            status: code.status(),
        }
    }

    /// What a command ends with that has nothing else to say.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Something was done, so it is no misuse any more.
    pub fn work_had_begun(&mut self) {
        if self.status == Status::Misused {
            self.status = Status::Failed;
        }
    }

    /// Shows a place, and says this below it.
    pub fn at(mut self, location: Option<&Location>, label: impl Into<String>) -> Self {
        self.place = location.map(|location| (location.clone(), label.into()));
        self
    }

    /// Says this below the place, if one is shown.
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        if let Some((_, label)) = &mut self.place {
            *label = text.into();
        }
        self
    }

    /// A note. How things stand and what to do next are the last that is read.
    pub fn note(mut self, name: &'static str, text: impl Into<String>) -> Self {
        let is_last = |name: &str| matches!(name, "state" | "next");
        let end = match is_last(name) {
            true => None,
            false => self.notes.iter().position(|(name, _)| is_last(name)),
        };
        let place = end.unwrap_or(self.notes.len());
        self.notes.insert(place, (name, text.into()));
        self
    }

    /// A note, if there is something to say.
    pub fn maybe_note(self, name: &'static str, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.note(name, text),
            None => self,
        }
    }

    /// A field for programs, of which people read a note.
    pub fn data(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.data.push((name, json!(value)));
        self
    }

    /// How things stand now.
    pub fn state(self, text: impl Into<String>) -> Self {
        self.note("state", text)
    }

    /// What to do next.
    pub fn next(self, text: impl Into<String>) -> Self {
        self.note("next", text)
    }

    /// Something else to do next than what was said before.
    pub fn instead(mut self, text: &str) -> Self {
        self.notes.retain(|(name, _)| *name != "next");
        self.next(text)
    }

    /// What to do next, if there is something.
    pub fn maybe_next(self, text: Option<String>) -> Self {
        self.maybe_note("next", text)
    }

    /// For a terminal, in the manner of a compiler.
    pub fn render(&self, coloured: bool) -> String {
        let renderer = if coloured {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let title = Level::ERROR
            .primary_title(visible(&self.title))
            .id(self.code.as_str());
        let paths = self.place.as_ref().map(|(location, label)| {
            (
                visible(&location.file.path().display().to_string()).into_owned(),
                location,
                label,
            )
        });
        let mut group = annotate_snippets::Group::with_title(title);
        if let Some((path, location, label)) = &paths {
            let annotation = AnnotationKind::Primary.span(location.span.clone());
            group = group.element(
                Snippet::source(mask_passwords(location.file.text()))
                    .path(path.clone())
                    .annotation(annotation.label(visible(label))),
            );
        }
        for (name, text) in &self.notes {
            group = group.element(Level::NOTE.with_name(*name).message(visible(text)));
        }
        renderer.render(&[group])
    }

    /// For a program.
    pub fn json(&self) -> Value {
        let mut object = Map::new();
        object.insert("code".to_owned(), json!(self.code.as_str()));
        object.insert("message".to_owned(), json!(self.title));
        if let Some((location, label)) = &self.place {
            #[derive(Serialize)]
            struct Place<'a> {
                file: String,
                #[serde(flatten)]
                position: migrate_text::source::Position,
                label: &'a str,
            }
            object.insert(
                "place".to_owned(),
                json!(Place {
                    file: location.file.path().display().to_string(),
                    position: location.position(),
                    label,
                }),
            );
        }
        if let Some(sqlstate) = &self.sqlstate {
            object.insert("sqlstate".to_owned(), json!(sqlstate));
        }
        for (name, text) in &self.notes {
            object.insert((*name).to_owned(), json!(text));
        }
        for (name, value) in &self.data {
            object.insert((*name).to_owned(), value.clone());
        }
        Value::Object(object)
    }
}
