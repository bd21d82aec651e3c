//! Any text is refused or parsed, and what is parsed renders or fails, the same each time: no
//! panic, no overflow of the stack, no hang, and no value in an error.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use sealwright_template::{NoRandomness, Template, Timestamp, World};

struct Still;

impl World for Still {
    fn now(&mut self) -> Timestamp {
        Timestamp { seconds: 1_750_000_000, nanoseconds: 0 }
    }

    fn random(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        bytes.fill(0x5a);
        Ok(())
    }
}

const SECRET: &[u8] = b"q7Zx-S3CRET-\xff\xfe";
const SECRET_PART: &str = "q7Zx-S3CRET";

fuzz_target!(|text: &str| {
    let Ok(template) = Template::parse("fuzz", text) else { return };
    let data = BTreeMap::from([
        ("a".to_owned(), SECRET.to_vec()),
        ("b".to_owned(), b"1".to_vec()),
        ("c".to_owned(), Vec::new()),
        ("j".to_owned(), br#"{"a":[1,2.5,"x",null],"b":{"c":true}}"#.to_vec()),
    ]);
    let first = template.render(&data, &mut Still);
    if let Err(error) = &first
        && !text.contains(SECRET_PART)
    {
        assert!(!error.to_string().contains(SECRET_PART), "{error}");
    }
    if template.is_steady() {
        assert_eq!(first, template.render(&data, &mut Still));
    }
});
