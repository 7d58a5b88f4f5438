//! Who belongs to whom: the cheapest assignment between two lists of which only few pairs are possible.
//!
//! A pair costs something; leaving both of its sides alone costs `unmatched`. Pairs that are not listed (outside the
//! gate) cost exactly `unmatched` as well. One large constant for them would make the solver break good pairs in order to
//! avoid one impossible pair. The possible pairs fall into connected components, which are solved one by one, so a
//! crossing with 200 road users is many small problems and not one large one.

/// A possible pair: row, column, cost.
pub type Pair = (usize, usize, f64);

/// The cheapest assignment: rows and columns that belong together, in the order of rows.
///
/// Pairs with a cost that is not below `unmatched` (or is NaN) are never chosen. The result does not depend on the order
/// of `pairs`. Worst case O(n³) in the size of the largest component.
///
/// ```
/// use perception::associate::assign;
/// // Row 0 fits both columns, row 1 only column 0: together it is cheapest to give column 1 to row 0.
/// assert_eq!(assign(2, 2, &[(0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.5)], 9.0), vec![(0, 1), (1, 0)]);
/// ```
#[must_use]
pub fn assign(rows: usize, columns: usize, pairs: &[Pair], unmatched: f64) -> Vec<(usize, usize)> {
    let mut usable: Vec<Pair> = pairs
        .iter()
        .copied()
        .filter(|&(row, column, cost)| row < rows && column < columns && cost < unmatched)
        .collect();
    let mut sets = Sets::new(rows + columns);
    for &(row, column, _) in &usable {
        sets.join(row, rows + column);
    }
    sets.flatten();
    // Component after component, each in a fixed order.
    usable.sort_by(|a, b| {
        let (set_a, set_b) = (sets.find(a.0), sets.find(b.0));
        set_a.cmp(&set_b).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)).then(a.2.total_cmp(&b.2))
    });
    let mut chosen = Vec::with_capacity(rows.min(columns));
    let mut rest = usable.as_slice();
    while let Some(first) = rest.first() {
        let set = sets.find(first.0);
        let end = rest.partition_point(|pair| sets.find(pair.0) <= set);
        let (component, later) = rest.split_at(end);
        solve_component(component, unmatched, &mut chosen);
        rest = later;
    }
    chosen.sort_unstable();
    chosen
}

/// Solves one connected component and appends what it chose.
fn solve_component(pairs: &[Pair], unmatched: f64, chosen: &mut Vec<(usize, usize)>) {
    if let [(row, column, _)] = pairs {
        chosen.push((*row, *column));
        return;
    }
    let mut rows: Vec<usize> = pairs.iter().map(|pair| pair.0).collect();
    rows.dedup();
    let mut columns: Vec<usize> = pairs.iter().map(|pair| pair.1).collect();
    columns.sort_unstable();
    columns.dedup();
    // The solver wants at most as many rows as columns.
    let swap = rows.len() > columns.len();
    let (n, m) = if swap { (columns.len(), rows.len()) } else { (rows.len(), columns.len()) };
    let mut cost = vec![unmatched; n * m];
    for &(row, column, value) in pairs {
        let (Ok(r), Ok(c)) = (rows.binary_search(&row), columns.binary_search(&column)) else { continue };
        let cell = if swap { c * m + r } else { r * m + c };
        cost[cell] = cost[cell].min(value);
    }
    for (r, c) in shortest_augmenting_paths(&cost, n, m).into_iter().enumerate() {
        if cost[r * m + c] < unmatched {
            chosen.push(if swap { (rows[c], columns[r]) } else { (rows[r], columns[c]) });
        }
    }
}

/// Hungarian method by shortest augmenting paths with potentials (Jonker and Volgenant 1987; Dijkstra's step as in Crouse
/// 2016, algorithm 1). `cost` is row by row, `n ≤ m`; every row gets a column. Returns the column of each row.
fn shortest_augmenting_paths(cost: &[f64], n: usize, m: usize) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let mut row_price = vec![0.0; n];
    let mut column_price = vec![0.0; m];
    let mut row_of = vec![NONE; m];
    let mut column_of = vec![NONE; n];
    let mut shortest = vec![0.0; m];
    let mut from_row = vec![NONE; m];
    let mut done = vec![false; m];
    for start in 0..n {
        shortest.fill(f64::INFINITY);
        from_row.fill(NONE);
        done.fill(false);
        let (mut row, mut reached) = (start, 0.0);
        // Grow the tree of shortest paths until it meets a free column.
        let sink = loop {
            let mut best = NONE;
            for column in (0..m).filter(|&column| !done[column]) {
                let through = reached + cost[row * m + column] - row_price[row] - column_price[column];
                if through < shortest[column] {
                    shortest[column] = through;
                    from_row[column] = row;
                }
                if best == NONE || shortest[column] < shortest[best] {
                    best = column;
                }
            }
            reached = shortest[best];
            done[best] = true;
            match row_of[best] {
                NONE => break best,
                taken => row = taken,
            }
        };
        row_price[start] += reached;
        for column in (0..m).filter(|&column| done[column] && column != sink) {
            row_price[row_of[column]] += reached - shortest[column];
            column_price[column] -= reached - shortest[column];
        }
        let mut column = sink;
        loop {
            let row = from_row[column];
            row_of[column] = row;
            std::mem::swap(&mut column_of[row], &mut column);
            if row == start {
                break;
            }
        }
    }
    column_of
}

/// Disjoint sets; the smallest member names its set, so that the result is in a fixed order.
struct Sets(Vec<usize>);

impl Sets {
    fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn find(&self, mut item: usize) -> usize {
        while self.0[item] != item {
            item = self.0[item];
        }
        item
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// Makes every later look-up one step.
    fn flatten(&mut self) {
        // A set's name is its smallest member, so it is flat before its members are reached.
        for item in 0..self.0.len() {
            self.0[item] = self.0[self.0[item]];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Every assignment, tried.
    fn cheapest_by_trying(rows: usize, columns: usize, pairs: &[Pair], unmatched: f64) -> f64 {
        fn go(row: usize, rows: usize, used: &mut Vec<bool>, pairs: &[Pair], unmatched: f64) -> f64 {
            if row == rows {
                return 0.0;
            }
            let mut best = unmatched + go(row + 1, rows, used, pairs, unmatched);
            for &(r, c, cost) in pairs {
                if r == row && !used[c] {
                    used[c] = true;
                    best = best.min(cost + go(row + 1, rows, used, pairs, unmatched));
                    used[c] = false;
                }
            }
            best
        }
        go(0, rows, &mut vec![false; columns], pairs, unmatched)
    }

    fn total(rows: usize, pairs: &[Pair], chosen: &[(usize, usize)], unmatched: f64) -> f64 {
        let cost = |pair: &(usize, usize)| {
            pairs.iter().filter(|p| (p.0, p.1) == *pair).map(|p| p.2).fold(f64::INFINITY, f64::min)
        };
        chosen.iter().map(cost).sum::<f64>() + (rows - chosen.len()) as f64 * unmatched
    }

    #[test]
    fn the_assignment_is_as_cheap_as_the_best_of_all() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for case in 0..3000 {
            let (rows, columns) = (rng.random_range(0..7), rng.random_range(0..7));
            let density = rng.random_range(0.1..1.0);
            let mut pairs = Vec::new();
            for row in 0..rows {
                for column in 0..columns {
                    if rng.random_bool(density) {
                        pairs.push((row, column, rng.random_range(-5.0..12.0)));
                    }
                }
            }
            let chosen = assign(rows, columns, &pairs, 10.0);
            let (ours, best) = (total(rows, &pairs, &chosen, 10.0), cheapest_by_trying(rows, columns, &pairs, 10.0));
            assert!((ours - best).abs() < 1e-9, "case {case}: {ours} instead of {best}, {pairs:?}");
            let mut columns_used: Vec<usize> = chosen.iter().map(|pair| pair.1).collect();
            columns_used.sort_unstable();
            columns_used.dedup();
            assert_eq!(columns_used.len(), chosen.len(), "case {case}: a column was given twice");
        }
    }

    #[test]
    fn an_impossible_pair_does_not_break_a_good_one() {
        // Row 1 has nothing but column 0; giving it that would force row 0 to a bad fit.
        let pairs = [(0, 0, 0.1), (0, 1, 9.5), (1, 0, 9.5)];
        assert_eq!(assign(2, 2, &pairs, 10.0), vec![(0, 0)]);
    }

    #[test]
    fn the_order_of_pairs_does_not_matter() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut pairs: Vec<Pair> =
            (0..60).map(|i| (i % 9, (i * 7) % 11, f64::from(rng.random_range(0..4_u8)))).collect();
        let first = assign(9, 11, &pairs, 3.0);
        pairs.reverse();
        assert_eq!(assign(9, 11, &pairs, 3.0), first);
    }

    #[test]
    fn pairs_out_of_range_or_without_a_number_are_never_chosen() {
        let pairs = [(0, 0, f64::NAN), (5, 0, 1.0), (0, 5, 1.0), (0, 1, f64::INFINITY), (1, 1, -1.0)];
        assert_eq!(assign(2, 2, &pairs, 10.0), vec![(1, 1)]);
    }

    #[test]
    fn two_hundred_against_two_hundred_in_one_component_still_ends() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let pairs: Vec<Pair> = (0..200 * 200).map(|i| (i / 200, i % 200, rng.random_range(0.0..9.0))).collect();
        assert_eq!(assign(200, 200, &pairs, 10.0).len(), 200);
    }
}
