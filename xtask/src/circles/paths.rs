//! Circles in a graph.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Returns the shortest circle through each step that is part of one. Each circle occurs once, and
/// starts at its smallest node.
pub fn circles(steps: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut next: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &(from, to) in steps {
        next.entry(from).or_default().push(to);
    }
    let mut circles = BTreeSet::new();
    for &(from, to) in steps {
        if let Some(mut circle) = shortest_path(&next, to, from) {
            let smallest = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
            circle.rotate_left(smallest);
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// Returns the shortest way between two nodes, both included.
fn shortest_path(next: &BTreeMap<usize, Vec<usize>>, from: usize, to: usize) -> Option<Vec<usize>> {
    let mut previous: BTreeMap<usize, usize> = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let mut path = vec![to];
            while path[path.len() - 1] != from {
                path.push(previous[&path[path.len() - 1]]);
            }
            path.reverse();
            return Some(path);
        }
        for &after in next.get(&node).into_iter().flatten() {
            previous.entry(after).or_insert_with(|| {
                queue.push_back(after);
                node
            });
        }
    }
    None
}
