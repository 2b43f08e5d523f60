//! Whether somebody is there to give an answer, by the signs of life so far.
//!
//! A migration may take hours, so there can be no limit on an answer. But a firewall that forgot
//! the connection, a proxy that hangs or a host that is gone leave a client waiting for ever. The
//! keepalives of TCP find out about hosts. For the rest, when nothing came for a while, the server
//! is asked over a connection of its own whether it still works at what it was sent.

use std::time::Instant;

/// How often in a row nobody has to answer until the server counts as gone.
const UNANSWERED: u32 = 4;
/// How often in a row the server has to have answered already until the answer counts as lost.
const ANSWERED: u32 = 2;

/// What is known of the server since the last sign of life.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// When the server is asked next; none before the wait has begun.
    pub(super) ask_at: Option<Instant>,
    unanswered: u32,
    answered: u32,
}

/// What the server says of a session when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It works at what it was sent, or may do so.
    Alive,
    /// It has done what it was sent, and waits for more.
    Answered,
    /// It has no such session.
    Gone,
    /// Nobody says anything.
    Unanswered,
}

/// What to do after a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// There is somebody to wait for.
    Wait,
    /// There is nobody, for this reason.
    GiveUp(&'static str),
    /// The same, and the server does not know: its session would keep its locks until it finds
    /// out too.
    EndAndGiveUp(&'static str),
}

impl Pulse {
    /// Something came.
    pub(super) fn beats(&mut self) {
        *self = Self::default();
    }

    /// Takes note of what the server said.
    pub(super) fn take(&mut self, sign: Sign) -> Verdict {
        match sign {
            Sign::Alive => self.beats(),
            Sign::Gone => return Verdict::GiveUp("the server has lost the session"),
            Sign::Answered => {
                self.unanswered = 0;
                self.answered += 1;
            }
            Sign::Unanswered => {
                self.answered = 0;
                self.unanswered += 1;
            }
        }
        if self.answered >= ANSWERED {
            return Verdict::EndAndGiveUp(
                "the server has answered, and the answer was lost on the way",
            );
        }
        if self.unanswered >= UNANSWERED {
            return Verdict::GiveUp(
                "the server does not answer any more, on new connections neither",
            );
        }
        Verdict::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::Sign::{Alive, Answered, Gone, Unanswered};
    use super::*;

    /// After how many signs the server is given up, and whether its session is ended.
    fn given_up(signs: &[Sign]) -> Option<(usize, bool)> {
        let mut pulse = Pulse::default();
        let verdicts = signs.iter().map(|sign| pulse.take(*sign)).enumerate();
        verdicts
            .filter_map(|(index, verdict)| match verdict {
                Verdict::Wait => None,
                Verdict::GiveUp(_) => Some((index + 1, false)),
                Verdict::EndAndGiveUp(_) => Some((index + 1, true)),
            })
            .next()
    }

    #[test]
    fn a_server_is_given_up_when_its_signs_in_a_row_say_so() {
        for (signs, expected) in [
            (&[][..], None),
            (&[Alive; 100], None),
            (&[Gone], Some((1, false))),
            (&[Alive, Unanswered, Gone], Some((3, false))),
            (&[Unanswered; 3], None),
            (&[Unanswered; 4], Some((4, false))),
            (&[Answered], None),
            (&[Answered, Answered], Some((2, true))),
            // One of another kind begins the count anew.
            (&[Answered, Alive, Answered], None),
            (&[Answered, Unanswered, Answered], None),
            (
                &[Unanswered, Unanswered, Unanswered, Alive, Unanswered],
                None,
            ),
            (
                &[Unanswered, Unanswered, Unanswered, Answered, Unanswered],
                None,
            ),
        ] {
            assert_eq!(given_up(signs), expected, "{signs:?}");
        }
    }
}
