//! The best question to ask of some rows.

use super::histogram::{Binned, Histogram, Packed};

/// A question: rows of `column` up to and with `bin` go left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Split {
    pub(crate) column: usize,
    pub(crate) bin: usize,
    pub(crate) missing_left: bool,
    /// What is won, in the units of the tree's packing.
    pub(crate) gain: f64,
    pub(crate) left: Packed,
}

/// What a side of a question must have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demands {
    /// Curvature at least, in units.
    pub(crate) curvature_min: f64,
    /// What is added to a side's curvature, in units.
    pub(crate) ridge: f64,
}

/// The question that wins most among the columns that may be asked; the first of equals.
pub(crate) fn best(
    data: &Binned,
    histogram: &Histogram,
    is_asked: &[bool],
    total: Packed,
    demands: Demands,
) -> Option<Split> {
    let mut best: Option<Split> = None;
    let apart = total.gradient() * total.gradient() / (total.curvature() + demands.ridge);
    for (column, (shape, _)) in data.columns().iter().zip(is_asked).enumerate().filter(|(_, (_, asked))| **asked) {
        let cells = histogram.column(column);
        let (known, rest) = cells.split_at(shape.known_bins().min(cells.len()));
        let missing = if shape.has_missing { rest.first().copied().unwrap_or_default() } else { 0 };
        let mut scan = Scan { total, demands, won: best.map_or(apart, |best| best.gain + apart), found: None };
        if shape.has_missing {
            scan.run(known, 0, true);
            scan.run(known, missing, false);
        } else if let Some((_, before_last)) = known.split_last() {
            scan.run(before_last, 0, true);
        }
        if let Some((bin, left, missing_right)) = scan.found {
            let heavier_left = left.curvature() * 2.0 >= total.curvature();
            let missing_left = if shape.has_missing { !missing_right } else { heavier_left };
            best = Some(Split { column, bin, missing_left, gain: scan.won - apart, left });
        }
    }
    best.filter(|best| best.gain > 1e-9 * apart.max(1.0))
}

struct Scan {
    total: Packed,
    demands: Demands,
    /// What the best so far has, before what the rows have undivided.
    won: f64,
    found: Option<(usize, Packed, bool)>,
}

impl Scan {
    /// Tries each bin as the last on the left, with `start` on the left from the beginning.
    fn run(&mut self, cells: &[i64], start: i64, missing_right: bool) {
        let Demands { curvature_min, ridge } = self.demands;
        let mut left = start;
        for (bin, cell) in cells.iter().enumerate() {
            if *cell == 0 {
                continue;
            }
            left += cell;
            let (on_left, on_right) = (Packed(left), Packed(self.total.0 - left));
            let (left_curvature, right_curvature) = (on_left.curvature(), on_right.curvature());
            if right_curvature < curvature_min {
                break;
            }
            if left_curvature < curvature_min {
                continue;
            }
            let (a, b) = (on_left.gradient(), on_right.gradient());
            let (c, d) = (left_curvature + ridge, right_curvature + ridge);
            // a²/c + b²/d over one denominator: a division less on the way that is taken most.
            let (above, below) = (a * a * d + b * b * c, c * d);
            if above > self.won * below {
                self.won = above / below;
                self.found = Some((bin, on_left, missing_right));
            }
        }
    }
}
