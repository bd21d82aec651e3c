//! Which library does the arithmetic.

/// The library behind a key. Keys remember theirs; what one backend seals, the other opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// AWS-LC through `aws-lc-rs`: the binaries' choice, for its speed.
    #[cfg(feature = "aws-lc")]
    AwsLc,
    /// Pure Rust (`rsa`, `aes-gcm`, `rand`): WebAssembly, and the second opinion in tests.
    #[cfg(feature = "rustcrypto")]
    RustCrypto,
}

impl Backend {
    /// Every backend that was compiled in, the default one first.
    pub const ALL: &[Self] = &[
        #[cfg(feature = "aws-lc")]
        Self::AwsLc,
        #[cfg(feature = "rustcrypto")]
        Self::RustCrypto,
    ];

    /// Fills `buffer` with bytes of the backend's cryptographic random number generator.
    pub(crate) fn fill_random(self, buffer: &mut [u8]) {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc => {
                aws_lc_rs::rand::fill(buffer).expect("AWS-LC aborts when it has no entropy");
            }
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto => {
                use rand::TryRng;
                rand::rngs::SysRng
                    .try_fill_bytes(buffer)
                    .expect("the operating system hands out random bytes");
            }
        }
    }
}

/// Fills `buffer` with random bytes that are fit for keys and passwords.
pub fn fill_random(buffer: &mut [u8]) {
    Backend::default().fill_random(buffer);
}

impl Default for Backend {
    fn default() -> Self {
        Self::ALL[0]
    }
}
