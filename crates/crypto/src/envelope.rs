//! The byte layout of a sealed value.

use crate::EnvelopeError;

/// Bytes of the AES-GCM tag at the end.
const TAG_LEN: usize = 16;

/// `u16be(len(rsa)) ‖ rsa ‖ aes`: the sealed session key, then the sealed value with its tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// RSA-OAEP ciphertext of the session key; as long as the modulus.
    pub rsa: &'a [u8],
    /// AES-256-GCM ciphertext of the value, 16 bytes of tag appended.
    pub aes: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Splits sealed bytes.
    ///
    /// # Errors
    /// When there are fewer bytes than the length field promises, plus a tag.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let too_short = EnvelopeError::TooShort { length: bytes.len() };
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(too_short)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (rsa, aes) = rest.split_at_checked(length).ok_or(too_short)?;
        if aes.len() < TAG_LEN {
            return Err(too_short);
        }
        Ok(Self { rsa, aes })
    }

    /// Bytes of the value that was sealed.
    pub fn value_len(&self) -> usize {
        self.aes.len().saturating_sub(TAG_LEN)
    }

    /// Joins the two parts again.
    pub fn encode(&self) -> Vec<u8> {
        let length = u16::try_from(self.rsa.len()).expect("an RSA modulus is at most 1 KiB");
        let mut bytes = Vec::with_capacity(2 + self.rsa.len() + self.aes.len());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(self.rsa);
        bytes.extend_from_slice(self.aes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_went_in() {
        let envelope = Envelope { rsa: &[7; 256], aes: &[9; 20] };
        let bytes = envelope.encode();
        assert_eq!(bytes.len(), 2 + 256 + 20);
        assert_eq!(Envelope::parse(&bytes), Ok(envelope));
    }

    #[test]
    fn every_cut_before_the_tag_is_refused() {
        let bytes = Envelope { rsa: &[7; 256], aes: &[9; 16] }.encode();
        for length in 0..bytes.len() {
            let cut = Envelope::parse(&bytes[..length]);
            assert_eq!(cut, Err(EnvelopeError::TooShort { length }), "{length} bytes");
        }
    }
}
