//! Members of `{}` and `[]` that come and go.

use super::lines;
use super::plan::{Moves, Plan};
use super::render::{FlowStyle, Pretty};
use super::tree::{Collection, Member, Node};

impl Plan<'_> {
    pub(super) fn rearrange_flow(
        &mut self,
        node: &Node,
        collection: &Collection,
        moves: &Moves<'_>,
        style: &FlowStyle,
    ) {
        let new: Vec<_> =
            moves.added.iter().map(|(key, value)| style.member(*key, value)).collect();
        let members = &collection.members;
        // Behind the last member that stays.
        let tail = moves.removed.iter().rposition(|removed| !removed).map_or(0, |last| last + 1);
        for at in (0..tail).filter(|at| moves.removed[*at]) {
            self.remove_member(&members[at], members.get(at + 1));
        }
        match (members.get(tail), members.last()) {
            (Some(first), Some(last)) if !new.is_empty() => {
                let text = new.join(&format!(",{}", style.separator()));
                self.splices.replace(first.range.start..last.range.end, text);
            }
            (Some(_), _) => self.remove_tail(node, members, tail),
            (None, _) if new.is_empty() => {}
            (None, Some(last)) => self.append(last, style, &new),
            (None, None) => self.fill_empty(node, style, &new),
        }
    }

    /// Removes a member with its comma, up to the next one.
    fn remove_member(&mut self, member: &Member, next: Option<&Member>) {
        let start = member.range.start;
        let end = member.past_comma();
        let next = next.map_or(end, |next| next.range.start);
        let closes_line = lines::closes_line(self.text, end);
        let line_end = if closes_line { lines::line_end(self.text, end) } else { end };
        self.splices.delete(if closes_line && lines::opens_line(self.text, start) {
            lines::blanks_before(self.text, start)..lines::next_line(self.text, end)
        } else if lines::has_comment(self.text, end, line_end) {
            start..line_end
        } else if lines::has_comment(self.text, end, next) {
            start..end
        } else {
            start..next
        });
    }

    /// Removes the members from `tail` on, and the comma before them where it separated them.
    fn remove_tail(&mut self, node: &Node, members: &[Member], tail: usize) {
        let (kept, removed) = members.split_at(tail);
        let Some(last) = removed.last() else { return };
        let start = match (kept.last(), last.comma) {
            (Some(kept), None) => kept.range.end,
            (Some(kept), Some(_)) => kept.past_comma(),
            (None, _) => node.body.start + 1,
        };
        let end = if kept.is_empty() { node.end() - 1 } else { self.own_end(last) };
        let gap = kept.last().map_or(start, |kept| kept.range.end);
        let stays_behind = kept.is_empty() && lines::has_comment(self.text, last.past_comma(), end);
        if stays_behind || self.has_comment_between(gap, removed) {
            let comma = kept.last().filter(|_| last.comma.is_none()).and_then(|kept| kept.comma);
            if let Some(comma) = comma {
                self.splices.delete(comma..comma + 1);
            }
            for (at, member) in removed.iter().enumerate() {
                self.remove_member(member, removed.get(at + 1));
            }
        } else {
            self.splices.delete(start..end);
        }
    }

    /// The end of a member with its comma and, where it has lines of its own, its comment.
    fn own_end(&self, member: &Member) -> usize {
        let end = member.past_comma();
        let has_lines =
            lines::opens_line(self.text, member.range.start) && lines::closes_line(self.text, end);
        if has_lines { lines::line_end(self.text, end) } else { end }
    }

    fn has_comment_between(&self, mut from: usize, members: &[Member]) -> bool {
        members.iter().any(|member| {
            let gap = std::mem::replace(&mut from, member.past_comma());
            lines::has_comment(self.text, gap, member.range.start)
        })
    }

    fn append(&mut self, last: &Member, style: &FlowStyle, new: &[String]) {
        let end = last.past_comma();
        let separator = style.separator();
        match &style.pretty {
            Some(Pretty { indent, .. }) if lines::closes_line(self.text, end) => {
                let mut text = format!("{indent}{}", new.join(&format!(",{separator}")));
                match last.comma {
                    Some(_) => text.push(','),
                    None => self.splices.insert(end, ","),
                }
                self.splices.insert_lines(lines::next_line(self.text, end), text);
            }
            _ => {
                for member in new {
                    let text = match last.comma {
                        Some(_) => format!("{separator}{member},"),
                        None => format!(",{separator}{member}"),
                    };
                    self.splices.insert(end, text);
                }
            }
        }
    }

    /// Before the bracket, behind the comments that stand alone between the two.
    fn fill_empty(&mut self, node: &Node, style: &FlowStyle, new: &[String]) {
        let close = node.end().saturating_sub(1);
        let text = new.join(&format!(",{}", style.separator()));
        match &style.pretty {
            Some(Pretty { indent, .. }) => {
                let start = lines::blanks_before(self.text, close);
                self.splices.insert_lines(start, format!("{indent}{text}"));
            }
            None => self.splices.insert(close, text),
        }
    }
}
