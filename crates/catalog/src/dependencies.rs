//! Which object of a schema needs which others.
//!
//! A column is an object of its own here, and a part of its table as well: what a table needs is
//! what it and its columns need, and what needs a column needs its table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ObjectId;

/// What the objects of one database need of each other.
///
/// In an order that does not depend on when they were created, so that two are equal exactly when
/// the dependencies are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Dependencies {
    /// Every object that needs another or is needed, sorted.
    objects: Vec<ObjectId>,
    /// Sorted: all that one object needs lies together.
    edges: Vec<Numbered>,
    /// The places of the edges, sorted by what is needed.
    backwards: Vec<usize>,
}

/// An edge by the places of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Numbered {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: EdgeKind,
}

/// That one object needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Edge<'d> {
    /// The object that needs.
    pub from: &'d ObjectId,
    /// What it needs.
    pub to: &'d ObjectId,
    /// How.
    pub kind: EdgeKind,
}

/// How one object needs another: what PostgreSQL does when the other is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// A column of a table, view or row type. It goes with the whole.
    ColumnOf,
    /// It names it. The other cannot be dropped first.
    Uses,
    /// The column's default or generation expression names it. The other cannot be dropped first,
    /// but a default can be set when the table is already there.
    Default,
    /// It goes with it: an index with its columns, a trigger with its table, a partition.
    BelongsTo,
    /// It goes with it and never alone: an index of a constraint, the sequence of an identity.
    PartOf,
    /// It is there because a parent table or a partitioned table has the other: a column, a
    /// constraint, an index. It goes with it, or with its own table, and never alone.
    Inherits,
    /// The sequence is owned by the column and goes with it, but may be there before.
    OwnedBy,
    /// The publication has it in its list, and forgets it when it goes.
    Lists,
}

/// How it is written to files.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    objects: Vec<ObjectId>,
    edges: Vec<(usize, usize, EdgeKind)>,
}

impl From<Dependencies> for Written {
    fn from(dependencies: Dependencies) -> Self {
        let edges = dependencies.edges.into_iter();
        Self {
            objects: dependencies.objects,
            edges: edges.map(|edge| (edge.from, edge.to, edge.kind)).collect(),
        }
    }
}

impl TryFrom<Written> for Dependencies {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let objects = &written.objects;
        let edges = written.edges.iter().map(|&(from, to, kind)| {
            let (from, to) = (objects.get(from)?, objects.get(to)?);
            Some((from.clone(), kind, to.clone()))
        });
        let edges: Option<Vec<_>> = edges.collect();
        let edges = edges.ok_or("a dependency is of an object that is not listed")?;
        Ok(Self::of(edges))
    }
}

impl Dependencies {
    /// The dependencies that these are, in any order. What needs itself is left out.
    pub fn of(edges: impl IntoIterator<Item = (ObjectId, EdgeKind, ObjectId)>) -> Self {
        let mut objects = Vec::new();
        let mut numbered = Vec::new();
        for (from, kind, to) in edges {
            let place = objects.len();
            objects.extend([from, to]);
            numbered.push(Numbered {
                from: place,
                to: place + 1,
                kind,
            });
        }
        Self::of_numbered(objects, numbered)
    }

    /// The same by places in a list, which need not be sorted and may name an object twice.
    pub(super) fn of_numbered(listed: Vec<ObjectId>, mut edges: Vec<Numbered>) -> Self {
        edges.retain(|edge| listed[edge.from] != listed[edge.to]);
        let mut named = vec![false; listed.len()];
        for edge in &edges {
            named[edge.from] = true;
            named[edge.to] = true;
        }
        let mut sorted: Vec<(ObjectId, usize)> = listed
            .into_iter()
            .enumerate()
            .map(|(place, object)| (object, place))
            .collect();
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        let mut objects: Vec<ObjectId> = Vec::new();
        for (object, place) in sorted {
            if named[place] && objects.last() != Some(&object) {
                objects.push(object);
            }
            places[place] = objects.len().saturating_sub(1);
        }
        for edge in &mut edges {
            edge.from = places[edge.from];
            edge.to = places[edge.to];
        }
        edges.sort_unstable();
        edges.dedup();
        let mut backwards: Vec<usize> = (0..edges.len()).collect();
        backwards.sort_by_key(|&place| edges[place].to);
        Self {
            objects,
            edges,
            backwards,
        }
    }

    /// Every object that needs another or is needed, in order.
    pub fn objects(&self) -> &[ObjectId] {
        &self.objects
    }

    /// Every edge, in order.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.edges.iter().map(|&edge| self.named(edge))
    }

    /// What an object or a column of it needs, outside of itself.
    pub fn needs(&self, object: &ObjectId) -> Vec<Edge<'_>> {
        self.beyond(object, |part| self.forward(part).collect(), |edge| edge.to)
    }

    /// What needs an object or a column of it, outside of itself.
    pub fn needed_by(&self, object: &ObjectId) -> Vec<Edge<'_>> {
        self.beyond(
            object,
            |part| self.backward(part).collect(),
            |edge| edge.from,
        )
    }

    /// All that an object needs, what that needs, and so on: without any of it, it cannot be made.
    pub fn all_needs(&self, object: &ObjectId) -> BTreeSet<&ObjectId> {
        self.reached(object, |part| {
            // A column is made with its table, and a table with all of its columns.
            let needed = self.forward(part).map(|edge| edge.to);
            needed.chain(self.columns(part)).collect()
        })
    }

    /// All that needs an object, what needs that, and so on: none of it can stay as it is when the
    /// object goes. A table whose column is among them is not: it stays, without the column.
    pub fn all_needed_by(&self, object: &ObjectId) -> BTreeSet<&ObjectId> {
        self.reached(object, |part| {
            self.backward(part).map(|edge| edge.from).collect()
        })
    }

    /// What PostgreSQL drops along with an object without being asked to.
    pub fn dropped_with(&self, object: &ObjectId) -> BTreeSet<&ObjectId> {
        self.reached(object, |part| {
            let going = self.backward(part).filter(|edge| edge.kind.goes_along());
            going.map(|edge| edge.from).collect()
        })
    }

    /// Why PostgreSQL refuses to drop an object, unless told to drop (`CASCADE`) what else needs
    /// it; empty if it does not refuse.
    pub fn in_the_way(&self, object: &ObjectId) -> Vec<Edge<'_>> {
        let Some(place) = self.place(object) else {
            return Vec::new();
        };
        let mut going = self.dropped_with(object);
        going.insert(&self.objects[place]);
        let goes = |place: usize| going.contains(&self.objects[place]);
        let mut edges = Vec::new();
        for part in going.iter().filter_map(|object| self.place(object)) {
            edges.extend(self.backward(part).filter(|edge| {
                let hinders = matches!(edge.kind, EdgeKind::Uses | EdgeKind::Default);
                hinders && !goes(edge.from) && !self.is_only_listed(*edge, goes)
            }));
            let wholes = self
                .forward(part)
                .filter(|edge| edge.kind == EdgeKind::PartOf);
            edges.extend(wholes.filter(|edge| !goes(edge.to)));
        }
        edges.extend(
            self.forward(place)
                .filter(|edge| edge.kind == EdgeKind::Inherits),
        );
        edges.sort_unstable();
        edges.into_iter().map(|edge| self.named(edge)).collect()
    }

    /// Whether a publication names a column of a table that goes and that it lists: it then
    /// forgets both.
    fn is_only_listed(&self, uses: Numbered, goes: impl Fn(usize) -> bool) -> bool {
        let whole = self.forward(uses.to).find(Numbered::is_column);
        whole.is_some_and(|whole| {
            let lists = |edge: Numbered| edge.kind == EdgeKind::Lists && edge.to == whole.to;
            goes(whole.to) && self.forward(uses.from).any(lists)
        })
    }

    /// The edges that lead from an object and its columns to others, or from others to it.
    fn beyond(
        &self,
        object: &ObjectId,
        of: impl Fn(usize) -> Vec<Numbered>,
        other: impl Fn(&Numbered) -> usize,
    ) -> Vec<Edge<'_>> {
        let mut parts: BTreeSet<usize> = self.place(object).into_iter().collect();
        parts.extend(
            self.place(object)
                .into_iter()
                .flat_map(|whole| self.columns(whole)),
        );
        let mut edges: Vec<Numbered> = parts.iter().flat_map(|&part| of(part)).collect();
        edges.retain(|edge| !parts.contains(&other(edge)));
        edges.sort_unstable();
        edges.into_iter().map(|edge| self.named(edge)).collect()
    }

    /// What can be reached from an object by any number of steps; not the object itself.
    fn reached(
        &self,
        object: &ObjectId,
        step: impl Fn(usize) -> Vec<usize>,
    ) -> BTreeSet<&ObjectId> {
        let Some(start) = self.place(object) else {
            return BTreeSet::new();
        };
        let mut seen = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(place) = open.pop() {
            open.extend(step(place).into_iter().filter(|next| seen.insert(*next)));
        }
        seen.remove(&start);
        seen.into_iter().map(|place| &self.objects[place]).collect()
    }

    /// The columns of a table by their places.
    fn columns(&self, whole: usize) -> impl Iterator<Item = usize> {
        let columns = self.backward(whole).filter(Numbered::is_column);
        columns.map(|edge| edge.from)
    }

    fn forward(&self, from: usize) -> impl Iterator<Item = Numbered> {
        let first = self.edges.partition_point(|edge| edge.from < from);
        let rest = self.edges[first..].iter().copied();
        rest.take_while(move |edge| edge.from == from)
    }

    fn backward(&self, to: usize) -> impl Iterator<Item = Numbered> {
        let edge = |&place: &usize| self.edges[place];
        let first = self.backwards.partition_point(|place| edge(place).to < to);
        let rest = self.backwards[first..].iter().map(edge);
        rest.take_while(move |edge| edge.to == to)
    }

    fn place(&self, object: &ObjectId) -> Option<usize> {
        self.objects.binary_search(object).ok()
    }

    fn named(&self, edge: Numbered) -> Edge<'_> {
        Edge {
            from: &self.objects[edge.from],
            to: &self.objects[edge.to],
            kind: edge.kind,
        }
    }
}

impl Numbered {
    fn is_column(&self) -> bool {
        self.kind == EdgeKind::ColumnOf
    }
}

impl EdgeKind {
    /// Whether what needs is dropped along with what it needs.
    fn goes_along(self) -> bool {
        match self {
            Self::ColumnOf | Self::BelongsTo | Self::PartOf | Self::Inherits | Self::OwnedBy => {
                true
            }
            Self::Uses | Self::Default | Self::Lists => false,
        }
    }
}
