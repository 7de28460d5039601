//! Two queries put together: which columns meet.

use std::sync::Arc;

use super::column::{Column, How};
use super::known::Columns;

/// By position, under the names of the first. Where one side holds columns that aren't known, those
/// before it are counted from the start, and those behind it from the end.
pub(super) fn by_position(left: &[Column], right: &[Column]) -> Columns {
    let before = |side: &[Column]| side.iter().position(Column::is_rows);
    let behind = |side: &[Column]| side.iter().rev().position(Column::is_rows);
    let open = |side: &[Column]| side.iter().filter(|c| c.is_rows()).count();
    let aligned = open(left) == open(right)
        && open(left) <= 1
        && before(left) == before(right)
        && behind(left) == behind(right);
    let mut out = left.to_vec();
    if aligned {
        for (own, other) in out.iter_mut().zip(right) {
            own.join(other);
        }
        return Arc::new(out);
    }
    // Only what stands before the first `*` of either side has a sure place.
    let sure = [before(left), before(right)].into_iter().flatten().min().unwrap_or(usize::MAX);
    let rest: Vec<&Column> = right.iter().skip(sure).collect();
    for (at, own) in out.iter_mut().enumerate() {
        if at < sure {
            if let Some(other) = right.get(at) {
                own.join(other);
            }
        } else {
            for other in &rest {
                own.join(&Column { how: How::Computed, ..(*other).clone() });
            }
        }
    }
    Arc::new(out)
}

/// By name: `UNION BY NAME`.
pub(super) fn by_name(left: &[Column], right: &[Column]) -> Columns {
    let mut out = left.to_vec();
    for other in right {
        match out.iter_mut().find(|own| own.name == other.name) {
            Some(own) => own.join(other),
            None => out.push(other.clone()),
        }
    }
    Arc::new(out)
}
