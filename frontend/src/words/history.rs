//! Everything that was said, and what can be done with it.

use crate::words;

pub(crate) const NONE_TICKED: &str = "No message is ticked: tick some, then choose what to do with them.";
pub(crate) const TICK_SEVERAL: &str = "Tick several to archive, bring back or forget them together.";
pub(crate) const EVERYTHING: &str = "Everything";
pub(crate) const ARCHIVED: &str = "Archived";
pub(crate) const GO_TO_A_DAY: &str = "Go to a day";
pub(crate) const DAY: &str = "Day";
pub(crate) const GO_TO_DAY: &str = "Go to day";
pub(crate) const NEWEST_MESSAGES: &str = "The newest messages";
pub(crate) const NEWER_MESSAGES: &str = "Newer messages";
pub(crate) const OLDER_MESSAGES: &str = "Older messages";
pub(crate) const TICKED_MESSAGES: &str = "Ticked messages";
pub(crate) const FORGET_TICKED: &str = "Forget…";
pub(crate) const THIS_FILTER: &str = "this filter";
pub(crate) const NOTHING_SAID_YET: &str = "Nothing said yet";
pub(crate) const FIRST_WILL_STAND_HERE: &str = "The first message will stand here.";
pub(crate) const SHOW_EVERYTHING: &str = "Show everything";
pub(crate) const ARCHIVE: &str = "Archive";
pub(crate) const FORGET: &str = "Forget";
pub(crate) const FROM_THAT_DAY_ON: &str = "From the first message of that day on.";
pub(crate) const NOTHING_ON_THAT_DAY: &str = "Nothing was said on that day or later.";
pub(crate) const NOTHING_HERE: &str = "Nothing here";
pub(crate) const IN_SHORT_TERM: &str = "short term";
pub(crate) const IN_MID_TERM: &str = "mid term";
pub(crate) const IN_WHOLE_HISTORY: &str = "whole history";

/// An order that there is none of.
pub(crate) fn nothing_to_do(order: &str) -> String {
    format!("“{order}” is nothing to do with messages: archive, restore or forget.")
}

pub(crate) fn around(message: i64) -> String {
    format!("Message {} among those around it.", words::message(message))
}

pub(crate) fn none_in(filter: &str) -> String {
    format!("No message is in “{filter}” now.")
}

pub(crate) fn of_message(id: i64) -> String {
    format!(" message {}", words::message(id))
}
