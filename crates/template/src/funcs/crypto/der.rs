//! DER (X.690), as strict as Go's cryptobyte reads it.

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const PRINTABLE_STRING: u8 = 0x13;
pub(super) const UTC_TIME: u8 = 0x17;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// `[number]`, primitive.
pub(super) const fn tagged(number: u8) -> u8 {
    0x80 | number
}

/// `[number]`, constructed.
pub(super) const fn wrapped(number: u8) -> u8 {
    0xa0 | number
}

/// One element.
pub(super) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    if content.len() < 0x80 {
        out.push(content.len() as u8);
    } else {
        let length = content.len().to_be_bytes();
        let used = &length[length.iter().take_while(|byte| **byte == 0).count()..];
        out.push(0x80 | used.len() as u8);
        out.extend_from_slice(used);
    }
    out.extend_from_slice(content);
    out
}

/// `SEQUENCE { parts… }`.
pub(super) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(SEQUENCE, &parts.concat())
}

/// `INTEGER` of big-endian bytes without sign.
pub(super) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let sign = if bytes.first().is_none_or(|first| *first >= 0x80) { &[0][..] } else { &[] };
    element(INTEGER, &[sign, bytes].concat())
}

/// `BIT STRING` of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

/// What is left to read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn peeks(self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The next element, whole, and how many bytes its header takes.
    fn next(&mut self) -> Option<(&'a [u8], usize)> {
        let (tag, length) = (*self.0.first()?, *self.0.get(1)?);
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (header, length) = if length < 0x80 {
            (2, usize::from(length))
        } else {
            let size = usize::from(length & 0x7f);
            let bytes = self.0.get(2..2 + size).filter(|_| (1..=4).contains(&size))?;
            let length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            if length < 0x80 || bytes[0] == 0 {
                return None;
            }
            (2 + size, length)
        };
        let (element, rest) = self.0.split_at_checked(header.checked_add(length)?)?;
        self.0 = rest;
        Some((element, header))
    }

    /// The next element of that tag, with its header.
    pub(super) fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.peeks(tag) { Some(self.next()?.0) } else { None }
    }

    /// The content of the next element of that tag.
    pub(super) fn read(&mut self, tag: u8) -> Option<Reader<'a>> {
        if self.peeks(tag) { Some(self.any()?.1) } else { None }
    }

    /// Tag and content of the next element.
    pub(super) fn any(&mut self) -> Option<(u8, Reader<'a>)> {
        let (element, header) = self.next()?;
        Some((element[0], Reader(&element[header..])))
    }

    /// The next element if it is of that tag: none when it is malformed, `Some(None)` when it is
    /// another.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<Reader<'a>>> {
        if self.peeks(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    /// An `INTEGER`'s two's complement, in the fewest bytes.
    pub(super) fn integer(&mut self) -> Option<&'a [u8]> {
        let bytes = self.read(INTEGER)?.0;
        minimal(bytes).then_some(bytes)
    }

    /// An `INTEGER` that is greater than 0, without leading zeros.
    pub(super) fn positive(&mut self) -> Option<&'a [u8]> {
        match self.integer()? {
            [0] | [0x80..=0xff, ..] => None,
            [0, bytes @ ..] | bytes => Some(bytes),
        }
    }

    /// An `INTEGER` that fits.
    pub(super) fn small(&mut self) -> Option<i64> {
        self.integer().and_then(signed)
    }

    /// A `BIT STRING`'s bytes, moved so that the padding is in front.
    pub(super) fn bits(&mut self) -> Option<Vec<u8>> {
        let (padding, bytes) = self.read(BIT_STRING)?.0.split_first()?;
        if *padding > 7
            || bytes.last().map_or(*padding != 0, |last| last & ((1 << padding) - 1) != 0)
        {
            return None;
        }
        let shifted = bytes.iter().scan(0_u16, |carry, byte| {
            let both = *carry << 8 | u16::from(*byte);
            *carry = u16::from(*byte);
            Some((both >> padding) as u8)
        });
        Some(shifted.collect())
    }

    pub(super) fn boolean(&mut self) -> Option<bool> {
        match self.read(BOOLEAN)?.0 {
            [0] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    /// An `OBJECT IDENTIFIER`'s content, no arc of which is 2³¹ or more.
    pub(super) fn oid(&mut self) -> Option<&'a [u8]> {
        let bytes = self.read(OID)?.0;
        let mut arc = None;
        for byte in bytes {
            if arc.is_none() && *byte == 0x80 || arc.is_some_and(|arc| arc >= 1 << 24) {
                return None;
            }
            let value = arc.unwrap_or(0_u32) << 7 | u32::from(byte & 0x7f);
            arc = (byte & 0x80 != 0).then_some(value);
        }
        (!bytes.is_empty() && arc.is_none()).then_some(bytes)
    }
}

/// Whether a two's complement has no byte too many.
fn minimal(bytes: &[u8]) -> bool {
    match bytes {
        [] => false,
        [0, second, ..] => *second >= 0x80,
        [0xff, second, ..] => *second < 0x80,
        _ => true,
    }
}

/// A two's complement as a number; none if it is malformed or does not fit.
pub(super) fn signed(bytes: &[u8]) -> Option<i64> {
    if !minimal(bytes) || bytes.len() > 8 {
        return None;
    }
    let start = if bytes[0] >= 0x80 { -1 } else { 0 };
    Some(bytes.iter().fold(start, |value, byte| value << 8 | i64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 127, 128, 255, 256, 65_536] {
            let content = vec![7; length];
            let written = element(OCTET_STRING, &content);
            let mut reader = Reader(&written);
            assert_eq!(reader.read(OCTET_STRING).unwrap().0, content);
            assert!(reader.is_empty());
        }
        for (bytes, number) in [(&[][..], 0), (&[0, 0], 0), (&[127], 127), (&[0, 128], 128)] {
            assert_eq!(Reader(&unsigned(bytes)).small(), Some(number));
        }
        assert_eq!(signed(&[0xff]), Some(-1));
        assert_eq!(signed(&[0x80, 0]), Some(-32_768));
    }

    #[test]
    fn positive_numbers_are_neither_zero_nor_negative() {
        assert_eq!(Reader(&[2, 1, 5]).positive(), Some(&[5][..]));
        assert_eq!(Reader(&[2, 2, 0, 0x80]).positive(), Some(&[0x80][..]));
        for bad in [&[2, 1, 0][..], &[2, 1, 0x80], &[2, 1, 0xff], &[2, 0], &[2, 2, 0, 1]] {
            assert_eq!(Reader(bad).positive(), None);
        }
    }

    #[test]
    fn malformed_elements_are_refused() {
        for bad in [
            &[][..],
            &[4],
            &[4, 1],
            &[4, 0x80],
            &[4, 0x81, 0x7f],
            &[4, 0x82, 0, 0x80],
            &[4, 0x85, 1, 0, 0, 0, 0],
            &[4, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x1f, 1, 1],
        ] {
            assert!(Reader(bad).any().is_none(), "{bad:x?}");
        }
        for bad in [&[6, 0][..], &[6, 1, 0x80], &[6, 1, 0x81], &[6, 5, 0x90, 0x80, 0x80, 0x80, 0]] {
            assert!(Reader(bad).oid().is_none(), "{bad:x?}");
        }
        for bad in [&[3, 0][..], &[3, 1, 1], &[3, 2, 8, 0], &[3, 2, 1, 1]] {
            assert!(Reader(bad).bits().is_none(), "{bad:x?}");
        }
        assert_eq!(Reader(&[3, 3, 4, 0x12, 0x30]).bits(), Some(vec![0x01, 0x23]));
    }
}
