//! In which order objects can be created, and dropped.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::circles::circles;
use super::dependencies::{Dependencies, Edge, EdgeKind};
use super::object::ObjectId;
use migrate_text::kind::ObjectKind;

/// An order of objects in which each comes after all that it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationOrder<'d> {
    /// The objects, each once. Turned round, it is an order in which they can be dropped.
    pub objects: Vec<&'d ObjectId>,
    /// What cannot be there from the start: owners of sequences, and as few edges of circles as
    /// can be. The object is created without (a default left out, a view with columns of NULL) and
    /// completed when all are there. To drop them, these are undone first.
    pub later: Vec<Edge<'d>>,
}

impl Dependencies {
    /// An order in which these objects can be created, whatever else is already there.
    ///
    /// A column comes right after its table, if both are among them: it is created with it. Where
    /// there is a choice, kinds come in the order of [`ObjectKind`] and names in theirs, so that
    /// the same objects always come in the same order.
    pub fn creation_order<'d>(
        &'d self,
        objects: impl IntoIterator<Item = &'d ObjectId>,
    ) -> CreationOrder<'d> {
        let wanted: BTreeSet<&ObjectId> = objects.into_iter().collect();
        let mut graph = Graph::new(self, &wanted);
        let owners = self.edges().filter(|edge| edge.kind == EdgeKind::OwnedBy);
        let mut later: Vec<Edge<'_>> = owners.chain(graph.break_circles()).collect();
        later.retain(|edge| wanted.contains(edge.from) && wanted.contains(edge.to));
        later.sort_unstable();
        let mut objects = graph.sorted();
        objects.retain(|object| wanted.contains(object));
        CreationOrder { objects, later }
    }
}

/// What has to come before what. All known objects are nodes, wanted or not: two may need each
/// other over a third.
struct Graph<'d> {
    objects: Vec<&'d ObjectId>,
    /// The columns that are created with each object.
    columns: Vec<Vec<usize>>,
    /// The first needs the second.
    edges: Vec<(usize, usize, Edge<'d>)>,
}

impl<'d> Graph<'d> {
    fn new(dependencies: &'d Dependencies, wanted: &BTreeSet<&'d ObjectId>) -> Self {
        let known: BTreeSet<&ObjectId> = dependencies.objects().iter().collect();
        let objects: Vec<&ObjectId> = known.union(wanted).copied().collect();
        let place = |object: &ObjectId| objects.partition_point(|other| *other < object);
        let mut columns = vec![Vec::new(); objects.len()];
        let mut nodes: Vec<usize> = (0..objects.len()).collect();
        for edge in dependencies.edges() {
            // A column that is wanted without its table is added to one that is there.
            let is_alone = wanted.contains(edge.from) && !wanted.contains(edge.to);
            if edge.kind == EdgeKind::ColumnOf && !is_alone {
                let (column, table) = (place(edge.from), place(edge.to));
                nodes[column] = table;
                columns[table].push(column);
            }
        }
        let edges = dependencies
            .edges()
            .filter(|edge| edge.kind != EdgeKind::OwnedBy)
            .map(|edge| (nodes[place(edge.from)], nodes[place(edge.to)], edge))
            .filter(|(from, to, _)| from != to)
            .collect();
        Self {
            objects,
            columns,
            edges,
        }
    }

    /// Takes edges away until there are no circles, and gives them.
    fn break_circles(&mut self) -> Vec<Edge<'d>> {
        let mut broken = Vec::new();
        loop {
            let mut next = vec![Vec::new(); self.objects.len()];
            for (from, to, _) in &self.edges {
                next[*from].push(*to);
            }
            let circles = circles(&next);
            if circles.is_empty() {
                return broken;
            }
            let mut circle_of = vec![None; self.objects.len()];
            for (number, circle) in circles.iter().enumerate() {
                for &node in circle {
                    circle_of[node] = Some(number);
                }
            }
            let circle = |&(from, to, _): &(usize, usize, Edge<'_>)| {
                circle_of[from].filter(|_| circle_of[from] == circle_of[to])
            };
            let mut weakest = vec![None; circles.len()];
            for edge in &self.edges {
                if let Some(circle) = circle(edge) {
                    let hold = self.hold(edge);
                    let so_far = weakest[circle].get_or_insert(hold);
                    *so_far = hold.min(*so_far);
                }
            }
            let edges = std::mem::take(&mut self.edges);
            let (gone, kept) = edges.into_iter().partition(|edge| {
                circle(edge).is_some_and(|circle| weakest[circle] == Some(self.hold(edge)))
            });
            self.edges = kept;
            broken.extend(Vec::into_iter(gone).map(|(_, _, edge)| edge));
        }
    }

    /// How hard it is to create an object without the edge; edges that go together are equal.
    fn hold(&self, &(from, _, edge): &(usize, usize, Edge<'_>)) -> (Hold, usize) {
        match (edge.kind, self.objects[from].kind) {
            (EdgeKind::Default, _) => (Hold::Default, 0),
            (_, ObjectKind::View) => (Hold::View, from),
            (_, ObjectKind::Routine) => (Hold::Routine, from),
            _ => (Hold::Other, from),
        }
    }

    /// The objects in order; each is as early as the order of all objects lets it be.
    fn sorted(&self) -> Vec<&'d ObjectId> {
        let mut unmet = vec![0; self.objects.len()];
        let mut needed_by = vec![Vec::new(); self.objects.len()];
        for &(from, to, _) in &self.edges {
            unmet[from] += 1;
            needed_by[to].push(from);
        }
        for &column in self.columns.iter().flatten() {
            // It comes with its table.
            unmet[column] = usize::MAX;
        }
        let mut ready: BinaryHeap<Reverse<usize>> = (0..unmet.len())
            .filter(|&node| unmet[node] == 0)
            .map(Reverse)
            .collect();
        let mut sorted = Vec::with_capacity(self.objects.len());
        while let Some(Reverse(node)) = ready.pop() {
            sorted.push(self.objects[node]);
            sorted.extend(
                self.columns[node]
                    .iter()
                    .map(|&column| self.objects[column]),
            );
            for &other in &needed_by[node] {
                unmet[other] -= 1;
                if unmet[other] == 0 {
                    ready.push(Reverse(other));
                }
            }
        }
        sorted
    }
}

/// What of a circle is left for later, the easiest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Hold {
    /// A default can be set at any time.
    Default,
    /// A view can be replaced by one with the same columns.
    View,
    /// The body of a routine can be replaced.
    Routine,
    Other,
}
