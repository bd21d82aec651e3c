//! Entries and items that come and go, each on lines of its own.

use super::lines;
use super::plan::{Moves, Plan};
use super::render::blanks;
use super::site::Site;
use super::tree::{Collection, Member, Node};

impl Plan<'_> {
    pub(super) fn rearrange_block(
        &mut self,
        node: &Node,
        collection: &Collection,
        moves: &Moves<'_>,
        site: &Site,
    ) {
        let Some((first, last)) = collection.members.first().zip(collection.members.last()) else {
            return;
        };
        if moves.removed.iter().all(|removed| *removed) {
            self.remove_members(&collection.members[1..], &moves.removed[1..]);
            self.replace_first(node, collection, first, moves, site);
            return;
        }
        self.remove_first(&collection.members, &moves.removed);
        self.remove_members(&collection.members, &moves.removed);
        if !moves.added.is_empty() {
            let at = lines::next_line(self.text, last.range.end);
            // Comments of the members go before new ones, those of what is around them do not.
            let at = lines::skip_comment_lines(self.text, at, node.column.max(1));
            self.splices.insert_lines(at, blanks(node.column) + &self.new_lines(node, moves));
        }
    }

    fn new_lines(&self, node: &Node, moves: &Moves<'_>) -> String {
        let separator = format!("\n{}", blanks(node.column));
        let members = moves.added.iter();
        let members = members.map(|(key, value)| self.style.member(*key, value, node.column));
        members.collect::<Vec<_>>().join(&separator)
    }

    /// Where no member stays, what is new stands in the place of the first, or `{}` behind the key.
    fn replace_first(
        &mut self,
        node: &Node,
        collection: &Collection,
        first: &Member,
        moves: &Moves<'_>,
        site: &Site,
    ) {
        let empty = if collection.is_map { "{}" } else { "[]" };
        let head_end = node.properties_end().or(site.slot);
        match head_end.filter(|_| lines::opens_line(self.text, first.range.start)) {
            Some(head_end) if moves.added.is_empty() => {
                self.splices.insert(head_end, format!(" {empty}"));
                self.remove_lines(first);
            }
            _ => {
                let end = lines::last_line_end(self.text, first.range.end);
                let text = match moves.added.is_empty() {
                    true => empty.to_owned(),
                    false => self.new_lines(node, moves),
                };
                self.splices.replace(first.range.start..end, text);
            }
        }
    }

    /// Removes the first members where they share their line with what is around the collection,
    /// as in `- a: 1`.
    fn remove_first(&mut self, members: &[Member], removed: &[bool]) {
        let count = removed.iter().take_while(|removed| **removed).count();
        let Some((last, next)) = members[..count].last().zip(members.get(count)) else { return };
        let start = members[0].range.start;
        if lines::opens_line(self.text, start) {
            return;
        }
        let after = lines::next_line(self.text, last.range.end);
        if lines::has_comment(self.text, after, next.range.start) {
            let start = lines::blanks_before(self.text, start);
            self.splices.delete(start..lines::last_line_end(self.text, last.range.end));
        } else {
            self.splices.delete(start..next.range.start);
        }
    }

    fn remove_members(&mut self, members: &[Member], removed: &[bool]) {
        for (member, _) in members.iter().zip(removed).filter(|(_, removed)| **removed) {
            if lines::opens_line(self.text, member.range.start) {
                self.remove_lines(member);
            }
        }
    }

    /// Comments above it stay: they may say something about what follows.
    fn remove_lines(&mut self, member: &Member) {
        let start = lines::blanks_before(self.text, member.range.start);
        let end = lines::next_line(self.text, member.range.end);
        self.splices.delete(match self.style.care.removes_blanks {
            true => start..lines::skip_blank_lines(self.text, end),
            false => start..end,
        });
    }
}
