//! Every link of the documentation leads somewhere: the file is there, and so is the heading. Pages
//! of the book link to pages of the book alone, or by their address in the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use harness::page;

/// Where the repository is read by those who have the book and no clone.
const REPOSITORY: [&str; 2] = [
    "https://github.com/sealwright/sealwright/blob/main/",
    "https://github.com/sealwright/sealwright/tree/main/",
];
/// Pages outside of what `page::all` finds.
const FURTHER: [&str; 2] = ["charts/sealwright/README.md", "crates/template/COMPATIBILITY.md"];
const BOOK: &str = "docs";
const SUMMARY: &str = "docs/SUMMARY.md";

#[test]
fn every_link_leads_somewhere() {
    let mut dead = Vec::new();
    let mut count = 0;
    for path in pages() {
        for link in links(&text(&path)) {
            count += 1;
            if let Err(why) = followed(Path::new(&path), &link) {
                dead.push(format!("{path}: {link}: {why}"));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(count > 100, "only {count} links were found");
}

#[test]
fn the_book_has_every_page_of_docs_once() {
    let listed: Vec<_> =
        links(&text(SUMMARY)).into_iter().map(|link| format!("{BOOK}/{link}")).collect();
    let in_book: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(in_book.len(), listed.len(), "a page is listed twice");
    let of_docs = pages().into_iter().filter(|path| path.starts_with("docs/") && path != SUMMARY);
    assert_eq!(in_book, of_docs.collect());
}

/// Whether a link of a page leads to something in the repository, or out of it.
fn followed(page: &Path, link: &str) -> Result<(), String> {
    let by_address = REPOSITORY.iter().find_map(|prefix| link.strip_prefix(prefix));
    if by_address.is_none() && (link.contains("://") || link.starts_with("mailto:")) {
        return Ok(());
    }
    let (path, heading) = match by_address.unwrap_or(link).split_once('#') {
        Some((path, heading)) => (path, Some(heading)),
        None => (by_address.unwrap_or(link), None),
    };
    let target = match by_address {
        Some(_) => PathBuf::from(path),
        None if path.is_empty() => page.to_owned(),
        None => plain(&page.parent().unwrap_or(Path::new("")).join(path))?,
    };
    let leaves_the_book = page.starts_with(BOOK) && !target.starts_with(BOOK);
    if by_address.is_none() && leaves_the_book {
        return Err(format!("it is not in the book: write {}…", REPOSITORY[0]));
    }
    if !page::root().join(&target).exists() {
        return Err("there is no such file".to_owned());
    }
    match heading {
        Some(heading) if !anchors(&text(&target.display().to_string())).contains(heading) => {
            Err("there is no such heading".to_owned())
        }
        _ => Ok(()),
    }
}

/// A path without `..`, which must not lead out of the repository.
fn plain(path: &Path) -> Result<PathBuf, String> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if !plain.pop() => {
                return Err("it leads out of the repository".to_owned());
            }
            Component::ParentDir | Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Ok(plain)
}

fn pages() -> Vec<String> {
    let mut pages = page::all().expect("the repository can be read");
    pages.extend(FURTHER.map(str::to_owned));
    pages
}

fn text(path: &str) -> String {
    fs::read_to_string(page::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The targets of `[text](target)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.trim().to_owned()).collect()
}

/// The text without its code: fenced blocks, comments, and what stands between backticks.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            let outside = line.split('`').step_by(2);
            prose.extend(outside);
            prose.push('\n');
        }
    }
    prose
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let heading = line.trim_start_matches('#');
        if is_code || heading.len() == line.len() || !heading.starts_with(' ') {
            continue;
        }
        let anchor = anchor(heading.trim());
        let before = seen.entry(anchor.clone()).or_default();
        anchors.insert(if *before == 0 { anchor } else { format!("{anchor}-{before}") });
        *before += 1;
    }
    anchors
}

fn anchor(heading: &str) -> String {
    // Of a link, its text counts.
    let shown: String = heading
        .split('[')
        .map(|part| match part.split_once("](") {
            Some((text, rest)) => {
                format!("{text}{}", rest.split_once(')').map_or("", |(_, after)| after))
            }
            None => part.to_owned(),
        })
        .collect();
    let kept = shown.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

#[test]
fn dead_links_are_told() {
    let page = Path::new("docs/how-to/seal-in-ci.md");
    for (link, why) in [
        ("nothing.md", "no such file"),
        ("../reference.md#no-heading", "no such heading"),
        ("#no-heading", "no such heading"),
        ("../../README.md", "not in the book"),
        ("../../../x.md", "out of the repository"),
        ("https://github.com/sealwright/sealwright/blob/main/nothing.md", "no such file"),
        ("https://github.com/sealwright/sealwright/blob/main/README.md#no", "no such heading"),
    ] {
        assert!(followed(page, link).unwrap_err().contains(why), "{link}");
    }
    for link in [
        "https://example.com/#any",
        "../reference.md#flags",
        "#check",
        "https://github.com/sealwright/sealwright/blob/main/README.md#installing",
    ] {
        assert_eq!(followed(page, link), Ok(()), "{link}");
    }
}

#[test]
fn links_and_headings_are_those_outside_of_code() {
    let text = "# A `b` [c](d.md)\n`[e](f)` [g\nh](i.md#j)\n```sh\n# no\n[k](l)\n```\n## A b c\n";
    assert_eq!(links(text), ["d.md", "i.md#j"]);
    let expected = ["a-b-c", "a-b-c-1"].map(str::to_owned);
    assert_eq!(anchors(text), BTreeSet::from(expected));
    assert_eq!(anchor("What is there, and what is not yet"), "what-is-there-and-what-is-not-yet");
}
