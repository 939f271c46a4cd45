//! The windows of an analysis: those that serve again, and new ones where messages are new or have changed.

use souvenir_memory::{ChatId, Encoding, MessageId, TokenCount, consolidation::due::batch, import::place::FIRST};

use super::Analysing;
use crate::{
    engine::{Engine, error::Result, maintenance::consolidate::Tried},
    store::{NewWindow, WindowRecord},
};

/// So many messages are looked at for one window: more than fit into any, since each takes a line of its own.
const AT_A_TIME: u32 = 600;

impl Engine {
    /// Makes the windows of an analysis.
    pub(super) async fn plan(&self, work: &Analysing) -> Tried<()> {
        let (chat, through) = (work.chat, work.record.through);
        let model = work.model();
        let name = self.model_name(model);
        let kept = self.store().windows_that_serve(chat, &name, through).await?;
        let room = self.room(model).await?;
        let mut new = Vec::new();
        for (first, last) in gaps(&kept, through) {
            new.extend(self.windows(chat, (first, last), Encoding::of_model(model), room).await?);
        }
        // What comes after the last window may go into it.
        let newest = kept.last().map_or(MessageId(i64::MIN), |window| window.last);
        if let Some(open) = new.last_mut().filter(|window| window.first > newest) {
            open.is_full = false;
        }
        let kept: Vec<i64> = kept.iter().map(|window| window.id).collect();
        self.store().plan_analysis(work.ids(), &name, &kept, &new, self.now()).await?;
        Ok(())
    }

    /// The messages from one through another in windows that fit.
    pub(super) async fn windows(
        &self,
        chat: ChatId,
        (first, last): (MessageId, MessageId),
        encoding: Encoding,
        room: TokenCount,
    ) -> Result<Vec<NewWindow>> {
        let mut windows = Vec::new();
        let mut from = first;
        while let Some(through) = self.store().conversation_through(chat, from, last, AT_A_TIME).await? {
            let said = self.read(chat, (from, through), encoding).await?;
            let Some(end) = batch(&said, room).checked_sub(1).and_then(|end| said.get(end)) else { break };
            windows.push(NewWindow { first: said[0].message, last: end.message, is_full: true });
            from = MessageId(end.message.0 + 1);
        }
        Ok(windows)
    }
}

/// What lies before, between and after windows; what was imported has numbers below zero.
fn gaps(kept: &[WindowRecord], through: MessageId) -> Vec<(MessageId, MessageId)> {
    let mut from = FIRST.0;
    let mut gaps = Vec::new();
    for window in kept {
        gaps.push((from, window.first.0 - 1));
        from = window.last.0 + 1;
    }
    gaps.push((from, through.0));
    gaps.into_iter()
        .filter(|(first, last)| first <= last)
        .map(|(first, last)| (MessageId(first), MessageId(last)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_what_no_window_covers() {
        let window = |first, last| WindowRecord { id: first, first: MessageId(first), last: MessageId(last) };
        let told = |kept: &[WindowRecord]| -> Vec<(i64, i64)> {
            gaps(kept, MessageId(20)).into_iter().map(|(first, last)| (first.0, last.0)).collect()
        };
        assert_eq!(told(&[]), [(FIRST.0, 20)]);
        assert_eq!(told(&[window(1, 5), window(6, 9)]), [(FIRST.0, 0), (10, 20)]);
        assert_eq!(told(&[window(3, 5), window(9, 20)]), [(FIRST.0, 2), (6, 8)]);
    }
}
