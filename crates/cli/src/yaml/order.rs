//! The order in which go-yaml writes the keys of a map.

use std::cmp::Ordering;

/// Letters after everything else, runs of digits by their value, the rest by code point.
pub(super) fn compare_keys(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(x, y)| x != y) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x.cmp(&y),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let (x_run, y_run) = (digits(&a[at..]), digits(&b[at..]));
            let value = |run: &[char]| run.iter().fold(leading(&a[..at], x, y), digit_value);
            value(x_run).cmp(&value(y_run)).then(x_run.len().cmp(&y_run.len())).then(x.cmp(&y))
        }
    }
}

/// 1 when a zero here continues a number that has begun before the difference: `a10` < `a11`.
fn leading(common: &[char], x: char, y: char) -> u128 {
    let run = common.iter().rev().take_while(|c| c.is_ascii_digit());
    u128::from((x == '0' || y == '0') && run.into_iter().any(|c| *c != '0'))
}

fn digits(text: &[char]) -> &[char] {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    &text[..length]
}

fn digit_value(value: u128, digit: &char) -> u128 {
    let digit = digit.to_digit(10).unwrap_or_default();
    value.saturating_mul(10).saturating_add(digit.into())
}
