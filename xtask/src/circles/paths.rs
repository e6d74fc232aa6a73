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
        if let Some(mut circle) = way(&next, to, from) {
            let least = (0..circle.len()).min_by_key(|&at| circle[at]).unwrap_or(0);
            circle.rotate_left(least);
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}

/// Returns the shortest way between two nodes, both included.
fn way(next: &BTreeMap<usize, Vec<usize>>, from: usize, to: usize) -> Option<Vec<usize>> {
    let mut came: BTreeMap<usize, usize> = BTreeMap::from([(from, from)]);
    let mut waiting = VecDeque::from([from]);
    while let Some(here) = waiting.pop_front() {
        if here == to {
            let mut way = vec![to];
            while way[way.len() - 1] != from {
                way.push(came[&way[way.len() - 1]]);
            }
            way.reverse();
            return Some(way);
        }
        for &after in next.get(&here).into_iter().flatten() {
            came.entry(after).or_insert_with(|| {
                waiting.push_back(after);
                here
            });
        }
    }
    None
}
