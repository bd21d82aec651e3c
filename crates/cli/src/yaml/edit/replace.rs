//! Another value in the place of one.

use std::ops::Range;

use serde_json::Value;

use super::lines;
use super::plan::Plan;
use super::render::{FlowStyle, blanks, is_collection};
use super::site::Site;
use super::tree::{Collection, Kind, Node, Shape, Tagged};

impl Plan<'_> {
    pub(super) fn replace(&mut self, node: &Node, site: &Site, new: &Value) {
        self.gone.push(node.body.clone());
        if let Some(tag) = node.tag.as_ref().filter(|tag| !fits(tag, node, new)) {
            self.drop_tag(tag);
        }
        let root = || self.in_place_of_root(node, site).filter(|_| is_collection(new));
        let flow = site.flow.clone().or_else(root);
        match (&node.kind, flow) {
            (_, Some(flow)) => self.replace_in_flow(node, site, &flow, new),
            (Kind::Missing, None) => self.fill(node, site, new),
            (Kind::Collection(Collection { shape: Shape::Block, .. }), None) => {
                self.replace_block(node, site, new);
            }
            (Kind::BlockScalar(head), None) => {
                let content = lines::next_line(self.text, head.end)..node.end();
                let after = content.end;
                if !content.is_empty() {
                    self.splices.delete(content);
                }
                self.replace_inline(node, head.clone(), after, site, new);
            }
            (_, None) => {
                let after = lines::next_line(self.text, node.end());
                self.replace_inline(node, node.body.clone(), after, site, new);
            }
        }
    }

    /// A tag goes with the blanks before it, but not with its indentation.
    fn drop_tag(&mut self, tag: &Tagged) {
        let Range { start, end } = tag.range;
        let opens_line = lines::opens_line(self.text, start);
        let blanks = lines::blanks_before(self.text, start);
        self.splices.delete(if opens_line { start } else { blanks }..end);
    }

    fn replace_in_flow(&mut self, node: &Node, site: &Site, flow: &FlowStyle, new: &Value) {
        let text = flow.value(new, node.style());
        match node.kind {
            Kind::Missing if site.slot.is_none() && !site.is_item => {
                self.splices.insert(site.key_end, format!(": {text}"));
            }
            Kind::Missing => self.splices.insert(node.end(), format!(" {text}")),
            _ => self.splices.replace(node.body.clone(), text),
        }
    }

    /// A value where there was none.
    fn fill(&mut self, node: &Node, site: &Site, new: &Value) {
        let at = node.end();
        let after = lines::next_line(self.text, at);
        let column = site.column.unwrap_or(0);
        if site.slot.is_none() && site.column.is_some() {
            let value = self.style.after_key(new, column);
            self.splices.insert_lines(after, blanks(column) + &value);
        } else if !is_collection(new) {
            let rendered = self.style.scalar(new, None, site.column);
            self.splices.insert(at, format!(" {}", rendered.head));
            self.insert_rest(after, rendered.lines);
        } else if site.is_item && node.properties_end().is_none() {
            let text = self.style.block(new, column + 2);
            self.put_first_line(at..at, " ", &text, after);
        } else {
            let column = self.column_for(site, new);
            let text = self.style.block(new, column);
            self.splices.insert_lines(after, blanks(column) + &text);
        }
    }

    /// `place` is on one line or on several; what follows starts at `after`.
    fn replace_inline(
        &mut self,
        node: &Node,
        place: Range<usize>,
        after: usize,
        site: &Site,
        new: &Value,
    ) {
        let opens_line = lines::opens_line(self.text, place.start);
        if !is_collection(new) {
            let rendered = self.style.scalar(new, node.style(), site.column);
            self.splices.replace(place, rendered.head);
            self.insert_rest(after, rendered.lines);
        } else if opens_line {
            let column = if site.column.is_some_and(|column| node.column <= column) {
                self.column_for(site, new)
            } else {
                node.column
            };
            let text = self.style.block(new, column);
            let start = lines::blanks_before(self.text, place.start);
            self.put_first_line(start..place.end, &blanks(column), &text, after);
        } else if site.is_item && node.properties_end().is_none() {
            let text = self.style.block(new, node.column);
            self.put_first_line(place, "", &text, after);
        } else {
            let column = self.column_for(site, new);
            let start = lines::blanks_before(self.text, place.start);
            self.splices.delete(start..lines::past_last_blanks(self.text, place.end));
            let text = self.style.block(new, column);
            self.splices.insert_lines(after, blanks(column) + &text);
        }
    }

    fn replace_block(&mut self, node: &Node, site: &Site, new: &Value) {
        let opens_line = lines::opens_line(self.text, node.body.start);
        let start = lines::blanks_before(self.text, node.body.start);
        let rendered = self.style.scalar(new, None, site.column);
        match node.properties_end().or(site.slot).filter(|_| opens_line && !is_collection(new)) {
            Some(head_end) => {
                let after = lines::next_line(self.text, node.end());
                self.splices.insert(head_end, format!(" {}", rendered.head));
                self.splices.delete(start..after);
                self.insert_rest(after, rendered.lines);
            }
            None => {
                let is_alike = node.collection().is_some_and(|old| old.is_map == new.is_object());
                let moves = opens_line && is_collection(new) && !is_alike;
                let column = if moves { self.column_for(site, new) } else { node.column };
                let text =
                    if is_collection(new) { self.style.block(new, column) } else { rendered.all() };
                let end = lines::last_line_end(self.text, node.end());
                let indent = if opens_line { blanks(column) } else { String::new() };
                let start = if opens_line { start } else { node.body.start };
                self.splices.replace(start..end, indent + &text);
            }
        }
    }

    /// Where a collection stands that has lines of its own.
    fn column_for(&self, site: &Site, new: &Value) -> usize {
        match site.column {
            None => 0,
            Some(column) if site.is_item => column + 2,
            Some(column) => column + self.style.step_to(new),
        }
    }

    fn put_first_line(&mut self, place: Range<usize>, before: &str, text: &str, after: usize) {
        let (first, rest) = match text.split_once('\n') {
            Some((first, rest)) => (first, Some(rest.to_owned())),
            None => (text, None),
        };
        self.splices.replace(place, format!("{before}{first}"));
        self.insert_rest(after, rest);
    }

    fn insert_rest(&mut self, after: usize, lines: Option<String>) {
        if let Some(lines) = lines {
            self.splices.insert_lines(after, lines);
        }
    }
}

/// Whether a value can stand behind a tag that stood before another one.
fn fits(tag: &Tagged, node: &Node, new: &Value) -> bool {
    match tag.name.as_deref() {
        Some("str") => new.is_string(),
        Some("int") => new.is_i64() || new.is_u64(),
        Some("float") => new.is_number(),
        Some("bool") => new.is_boolean(),
        Some("null") => new.is_null(),
        Some("map") => new.is_object(),
        Some("seq") => new.is_array(),
        Some(_) => false,
        // Only for what reads this file is it more than a string.
        None => match node.collection() {
            Some(old) if old.is_map => new.is_object(),
            Some(_) => new.is_array(),
            None => new.is_string(),
        },
    }
}
