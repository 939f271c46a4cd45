//! Pages of facts, and the buttons under them and under one fact.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use super::wish::Wish;
use crate::{
    engine::facts::FactItem,
    telegram::{
        language::Language,
        press::button,
        replies::{buttons, facts as texts, recorded},
        reply::Reply,
    },
};

/// So many facts are on a page.
const ON_A_PAGE: usize = 5;

/// A page of a list of which there are `total` things: its number, brought within what there is, the number of pages, and
/// the things on it.
pub(in crate::telegram) fn place(
    total: usize,
    page: usize,
    on_a_page: usize,
) -> (usize, usize, std::ops::Range<usize>) {
    let pages = total.div_ceil(on_a_page).max(1);
    let page = page.clamp(1, pages);
    let first = (page - 1) * on_a_page;
    (page, pages, first..total.min(first + on_a_page))
}

/// The row that leads to the pages before and after; none when there is one page only.
pub(in crate::telegram) fn turning(
    page: usize,
    pages: usize,
    data: impl Fn(usize) -> String,
) -> Option<Vec<InlineKeyboardButton>> {
    let before = (page > 1).then(|| button("◀", data(page - 1)));
    // Telegram has no button without an effect: this one shows the page anew.
    let here = button(format!("{page} / {pages}"), data(page));
    let after = (page < pages).then(|| button("▶", data(page + 1)));
    (pages > 1).then(|| before.into_iter().chain([here]).chain(after).collect())
}

/// One page of what is remembered.
pub(super) struct Listing<'a> {
    pub(super) language: Language,
    pub(super) items: &'a [FactItem],
    pub(super) page: usize,
}

impl Listing<'_> {
    /// The page with its buttons.
    pub(super) fn reply(&self) -> Reply {
        let total = self.items.len();
        if total == 0 {
            return Reply::text(texts::none(self.language)).instead();
        }
        let (page, pages, shown) = place(total, self.page, ON_A_PAGE);
        let numbered = || shown.clone().zip(&self.items[shown.clone()]);
        let mut lines = vec![texts::title(self.language, total), String::new()];
        lines.extend(numbered().map(|(index, item)| texts::line(index + 1, &item.fact)));
        lines.push(String::new());
        lines.push(texts::open_one(self.language).to_owned());
        let open = |(index, item): (usize, &FactItem)| {
            button((index + 1).to_string(), Wish::Show { fact: item.fact.id, page }.data())
        };
        let mut rows = vec![numbered().map(open).collect::<Vec<_>>()];
        rows.extend(turning(page, pages, |page| Wish::List { page }.data()));
        let recorded = Some(recorded::facts(self.language, &shown, total));
        Reply { recorded, ..Reply::text(lines.join("\n")).with(InlineKeyboardMarkup::new(rows)).instead() }
    }
}

/// The buttons under one fact.
pub(super) fn of_fact(language: Language, item: &FactItem, page: usize) -> InlineKeyboardMarkup {
    let (fact, version, pinned) = (item.fact.id, item.fact.version, item.fact.pinned);
    let first = vec![
        button(buttons::correct(language), Wish::Ask { fact }.data()),
        button(buttons::pin(language, pinned), Wish::Pin { fact, pinned: !pinned, page }.data()),
    ];
    let second = vec![
        button(buttons::quote(language), Wish::Quote { fact }.data()),
        button(buttons::delete(language), Wish::Delete { fact, version, page }.data()),
    ];
    InlineKeyboardMarkup::new([first, second, vec![back(language, page)]])
}

/// The buttons in place of a fact that was just deleted.
pub(super) fn of_deleted(language: Language, before: &FactItem, page: usize, version: u32) -> InlineKeyboardMarkup {
    let fact = before.fact.id;
    let wish = Wish::Restore { fact, pinned: before.fact.pinned, page };
    let forget = Wish::Forget { fact, version, page };
    InlineKeyboardMarkup::new([
        vec![button(buttons::undo(language), wish.data()), back(language, page)],
        vec![button(buttons::forget(language), forget.data())],
    ])
}

/// The button in place of a fact that was forgotten.
pub(super) fn of_forgotten(language: Language, page: usize) -> InlineKeyboardMarkup {
    InlineKeyboardMarkup::new([[back(language, page)]])
}

/// The buttons under a correction.
pub(super) fn of_corrected(language: Language, item: &FactItem, before: u32) -> InlineKeyboardMarkup {
    let wish = Wish::Version { fact: item.fact.id, version: before };
    InlineKeyboardMarkup::new([[button(buttons::undo(language), wish.data()), back(language, 1)]])
}

/// The button that takes back what was just added.
pub(in crate::telegram) fn undo_adding(language: Language, item: &FactItem) -> InlineKeyboardMarkup {
    let wish = Wish::Delete { fact: item.fact.id, version: item.fact.version, page: 1 };
    InlineKeyboardMarkup::new([[button(buttons::undo(language), wish.data()), back(language, 1)]])
}

/// The button that opens a fact.
pub(in crate::telegram) fn open(language: Language, item: &FactItem) -> InlineKeyboardMarkup {
    let wish = Wish::Show { fact: item.fact.id, page: 1 };
    InlineKeyboardMarkup::new([[button(buttons::open(language), wish.data())]])
}

fn back(language: Language, page: usize) -> InlineKeyboardButton {
    button(buttons::back(language), Wish::List { page }.data())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beyond_the_end_is_the_last_and_none_is_empty() {
        assert_eq!(place(12, 1, 5), (1, 3, 0..5));
        assert_eq!(place(12, 3, 5), (3, 3, 10..12));
        assert_eq!(place(12, 99, 5), (3, 3, 10..12));
        assert_eq!(place(10, 2, 5), (2, 2, 5..10));
        assert_eq!(place(0, 7, 5), (1, 1, 0..0));
    }

    #[test]
    fn there_is_a_way_on_only_where_there_is_a_page() {
        let labels = |page, pages| {
            let row = turning(page, pages, |page| format!("facts:page:{page}")).unwrap_or_default();
            row.into_iter().map(|button| button.text).collect::<Vec<_>>()
        };
        assert_eq!(labels(1, 1), Vec::<String>::new());
        assert_eq!(labels(1, 3), ["1 / 3", "▶"]);
        assert_eq!(labels(2, 3), ["◀", "2 / 3", "▶"]);
        assert_eq!(labels(3, 3), ["◀", "3 / 3"]);
    }
}
