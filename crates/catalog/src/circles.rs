//! Circles in a graph.

/// The groups of nodes in which each can be reached from each other, by Tarjan's algorithm; only
/// those of several nodes, each sorted. `next` has where the edges of each node lead.
pub(super) fn circles(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        next,
        found: vec![None; next.len()],
        lowest: vec![0; next.len()],
        is_open: vec![false; next.len()],
        open: Vec::new(),
        count: 0,
        circles: Vec::new(),
    };
    for node in 0..next.len() {
        if search.found[node].is_none() {
            search.from(node);
        }
    }
    search.circles
}

struct Search<'n> {
    next: &'n [Vec<usize>],
    /// When each node was found.
    found: Vec<Option<usize>>,
    /// The first found node that each leads back to.
    lowest: Vec<usize>,
    /// Whether the node waits for the rest of its group, in `open`.
    is_open: Vec<bool>,
    open: Vec<usize>,
    count: usize,
    circles: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// Without recursion: a chain of views may be longer than the stack is deep.
    fn from(&mut self, start: usize) {
        let mut path = vec![(start, 0)];
        while let Some((node, taken)) = path.pop() {
            if taken == 0 {
                self.enter(node);
            }
            let Some(&next) = self.next[node].get(taken) else {
                self.leave(node);
                if let Some((parent, _)) = path.last() {
                    self.lowest[*parent] = self.lowest[*parent].min(self.lowest[node]);
                }
                continue;
            };
            path.push((node, taken + 1));
            match self.found[next] {
                None => path.push((next, 0)),
                Some(found) if self.is_open[next] => {
                    self.lowest[node] = self.lowest[node].min(found);
                }
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.found[node] = Some(self.count);
        self.lowest[node] = self.count;
        self.count += 1;
        self.is_open[node] = true;
        self.open.push(node);
    }

    fn leave(&mut self, node: usize) {
        if self.found[node] != Some(self.lowest[node]) {
            return;
        }
        let first = self.open.iter().rposition(|open| *open == node);
        // The node is open until the first of its group is left, and that is the node itself.
        let mut group = self.open.split_off(first.unwrap_or(0));
        for &member in &group {
            self.is_open[member] = false;
        }
        if group.len() > 1 {
            group.sort_unstable();
            self.circles.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_groups_that_lead_back_to_themselves() {
        type Lists = &'static [&'static [usize]];
        let cases: [(&str, Lists, Lists); 6] = [
            ("nothing", &[], &[]),
            ("a chain", &[&[1], &[2], &[]], &[]),
            ("a node that leads to itself", &[&[0]], &[]),
            ("a pair behind a chain", &[&[1], &[2], &[1]], &[&[1, 2]]),
            (
                "two circles, one leading to the other",
                &[&[1], &[0, 2], &[3], &[2]],
                &[&[2, 3], &[0, 1]],
            ),
            (
                "circles that share a node are one",
                &[&[1, 2], &[0], &[0]],
                &[&[0, 1, 2]],
            ),
        ];
        for (case, next, expected) in cases {
            let next: Vec<Vec<usize>> = next.iter().map(|next| next.to_vec()).collect();
            assert_eq!(circles(&next), expected, "{case}");
        }
    }

    #[test]
    fn a_long_chain_does_not_overflow_the_stack() {
        let length = 200_000;
        let next: Vec<Vec<usize>> = (1..=length).map(|next| vec![next % length]).collect();
        assert_eq!(circles(&next), [(0..length).collect::<Vec<_>>()]);
    }
}
