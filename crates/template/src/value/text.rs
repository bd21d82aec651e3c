//! A string as Go has it: any bytes, cheap to copy.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Deref;
use std::sync::Arc;

use zeroize::Zeroize;

use super::meter;

/// Bytes that are shared, or held in place when they are few.
#[derive(Clone)]
pub(crate) struct Text(Repr);

const IN_PLACE: usize = 22;

#[derive(Clone)]
enum Repr {
    InPlace(u8, [u8; IN_PLACE]),
    Literal(&'static [u8]),
    Shared(Arc<Metered>),
}

/// Bytes on the heap that are counted while they live, and wiped then.
struct Metered(Vec<u8>);

impl Drop for Metered {
    fn drop(&mut self) {
        meter::shrink(self.0.capacity() + meter::OVERHEAD);
        wipe(&mut self.0);
    }
}

/// Overwrites bytes that may be of a secret, before they are freed.
pub(crate) fn wipe(bytes: &mut Vec<u8>) {
    bytes.as_mut_slice().zeroize();
    bytes.spare_capacity_mut().zeroize();
}

impl Text {
    /// No bytes.
    pub(crate) const EMPTY: Self = Self(Repr::Literal(b""));

    /// Text that lives in the program.
    pub(crate) const fn literal(text: &'static str) -> Self {
        Self(Repr::Literal(text.as_bytes()))
    }

    fn in_place(bytes: &[u8]) -> Option<Self> {
        let mut place = [0; IN_PLACE];
        place.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self(Repr::InPlace(u8::try_from(bytes.len()).ok()?, place)))
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::InPlace(length, place) => &place[..usize::from(*length)],
            Repr::Literal(bytes) => bytes,
            Repr::Shared(shared) => &shared.0,
        }
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self::in_place(&bytes).unwrap_or_else(|| {
            meter::grow(bytes.capacity() + meter::OVERHEAD);
            Self(Repr::Shared(Arc::new(Metered(bytes))))
        })
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Self::in_place(bytes).unwrap_or_else(|| bytes.to_vec().into())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_bytes_come_back() {
        for length in [0, 1, 21, 22, 23, 24, 1000] {
            let bytes = vec![0xff; length];
            assert!(*Text::from(bytes.clone()) == *bytes);
            assert!(*Text::from(&bytes[..]) == *bytes);
        }
    }

    #[test]
    fn what_is_held_is_counted() {
        let before = meter::live();
        let text = Text::from(vec![0; 1000]);
        let copy = text.clone();
        assert_eq!(meter::live() - before, 1000 + meter::OVERHEAD.cast_signed());
        drop(text);
        drop(copy);
        assert_eq!(meter::live(), before);
    }

    #[test]
    fn what_is_wiped_is_gone() {
        let mut bytes = b"a secret".to_vec();
        wipe(&mut bytes);
        assert_eq!(bytes, [0; 8]);
    }

    #[test]
    fn a_value_is_three_words() {
        assert_eq!(size_of::<super::super::Value>(), 24);
    }
}
