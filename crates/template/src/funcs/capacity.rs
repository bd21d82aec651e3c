//! How much longer than its elements a list is in Go.
//!
//! `slice` reaches to the capacity of a list, not to its length: what is behind the end of a list
//! that was appended to is nil, and no error. So lists are as long as Go makes them.

use crate::context::Context;
use crate::error::Fault;
use crate::value::{Counted, List, Strings, Text, Value};

/// A `[]interface {}` that was built by appending one by one.
pub(super) fn appended(values: Vec<Value>) -> Value {
    let capacity = one_by_one(values.len(), 0, true);
    list(values, capacity)
}

/// The same of a row that counts.
pub(super) fn appended_row(context: &Context<'_>, values: Counted<Value>) -> Result<Value, Fault> {
    let capacity = one_by_one(values.len(), 0, true);
    with_capacity(context, values, capacity)
}

/// A `[]string` that was built by appending one by one.
pub(super) fn appended_strings(
    context: &Context<'_>,
    texts: Counted<Text>,
) -> Result<Value, Fault> {
    let capacity = one_by_one(texts.len(), 0, true);
    strings_with_capacity(context, texts, capacity).map(Value::Strings)
}

/// The same, into a list with room for `room` at first.
pub(super) fn appended_strings_to(texts: Vec<Text>, room: usize) -> Value {
    let capacity = one_by_one(texts.len(), room, true);
    Value::Strings(strings(texts, capacity))
}

/// A `[]int` that was built by appending one by one.
pub(super) fn appended_ints(ints: Vec<i64>) -> Value {
    let capacity = one_by_one(ints.len(), 0, false);
    ints_with_capacity(ints, capacity)
}

/// A `[]int` with room behind its end.
pub(super) fn ints_with_capacity(ints: Vec<i64>, capacity: usize) -> Value {
    let length = ints.len();
    let ints = List::from(filled(ints, capacity, 0));
    Value::Ints(ints.reslice(0..length).unwrap_or(List::NIL))
}

/// How long a list of `length` is to which one append of several elements was made, when `before`
/// fitted.
pub(super) fn at_once(length: usize, before: usize) -> usize {
    if length > before { grown(length, before, true) } else { before }
}

/// A `[]interface {}` with room behind its end.
pub(super) fn with_capacity(
    context: &Context<'_>,
    mut values: Counted<Value>,
    capacity: usize,
) -> Result<Value, Fault> {
    values.reserve(context, capacity.saturating_sub(values.len()))?;
    Ok(list(values.into_vec(), capacity))
}

/// A `[]string` with room behind its end.
pub(super) fn strings_with_capacity(
    context: &Context<'_>,
    mut texts: Counted<Text>,
    capacity: usize,
) -> Result<Strings, Fault> {
    texts.reserve(context, capacity.saturating_sub(texts.len()))?;
    Ok(strings(texts.into_vec(), capacity))
}

fn list(values: Vec<Value>, capacity: usize) -> Value {
    let length = values.len();
    let list = List::from(filled(values, capacity, Value::Nil));
    Value::List(list.reslice(0..length).unwrap_or(List::NIL))
}

fn strings(texts: Vec<Text>, capacity: usize) -> Strings {
    let length = texts.len();
    let strings = Strings::from(filled(texts, capacity, Text::EMPTY));
    strings.reslice(0..length).unwrap_or(Strings::NIL)
}

/// The row, made as long as the capacity, and no longer.
fn filled<T: Clone>(mut row: Vec<T>, capacity: usize, with: T) -> Vec<T> {
    row.reserve_exact(capacity.saturating_sub(row.len()));
    row.resize(capacity.max(row.len()), with);
    row
}

fn one_by_one(length: usize, room: usize, pointers: bool) -> usize {
    let mut capacity = room;
    while capacity < length {
        capacity = grown(capacity + 1, capacity, pointers);
    }
    capacity
}

/// The capacity after `append` to a full list: Go's `growslice`. Elements are two words with
/// pointers, or one word without.
fn grown(length: usize, before: usize, pointers: bool) -> usize {
    const DOUBLED_BELOW: usize = 256;
    let mut wanted = before * 2;
    if length > wanted {
        wanted = length;
    } else if before >= DOUBLED_BELOW {
        wanted = before;
        while wanted < length {
            wanted += (wanted + 3 * DOUBLED_BELOW) / 4;
        }
    }
    if pointers { rounded(wanted * 16, true) / 16 } else { rounded(wanted * 8, false) / 8 }
}

/// The sizes of memory that Go's allocator hands out, up to the largest that is no whole number of
/// pages.
#[rustfmt::skip]
const SIZES: &[u16] = &[
    8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
    384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048,
    2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728,
    10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672,
    32768,
];

/// The bytes that are really there: Go's `roundupsize`. Larger memory with pointers begins with a
/// header.
fn rounded(bytes: usize, pointers: bool) -> usize {
    const PAGE: usize = 8192;
    const HEADER: usize = 8;
    let header = if pointers && bytes > 512 { HEADER } else { 0 };
    let size = SIZES.iter().map(|&size| usize::from(size)).find(|&size| size >= bytes + header);
    match size {
        Some(size) if bytes <= 32768 - HEADER => size - header,
        _ => bytes.next_multiple_of(PAGE),
    }
}
