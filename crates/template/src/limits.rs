//! What one render may take. No template whose result fits a Secret comes near these; one that was
//! written to do harm ends here.

/// Bytes of a template: an object in Kubernetes holds less than 2 MiB.
pub(crate) const TEMPLATE: usize = 4 << 20;

/// Bytes that a parsed template may take: few patterns, none of them honest, take more than
/// sixteen for each of the text.
pub(crate) const PROGRAM: usize = 64 << 20;

/// Parentheses within parentheses; Go's limit.
pub(crate) const PARENTHESES: usize = 10_000;

/// Templates that call templates; Go's limit.
pub(crate) const RENDERS: usize = 100_000;

/// Variables, and scopes, that exist at one time.
pub(crate) const NESTED: usize = 1 << 20;

/// Bytes of output: a Secret holds at most 1 MiB in all.
pub(crate) const OUTPUT: usize = 1 << 20;

/// Bytes that all values together may hold at one time, and with them the stacks of the machine,
/// what ranges go through, and what functions collect.
pub(crate) const HELD: usize = 64 << 20;

/// Steps: one for each operation of the template, more for work inside functions.
pub(crate) const STEPS: u64 = 32_000_000;

/// Calls that take milliseconds: bcrypt (some 50 ms each), scrypt, keys (4 or 8 each).
pub(crate) const COSTLY: u32 = 64;
