//! Manifests there and back, small and as they were kept before.

use flate2::{Compression, write::ZlibEncoder};
use souvenir_memory::{
    MessageId, Scale,
    manifest::{ItemKind, ItemRef, MessageRange, Reason},
};

use super::*;

fn segment(section: Section, kind: ItemKind, item: Option<ItemRef>, tokens: u32, score: Option<f64>) -> Segment {
    Segment { section, kind, item, tokens: TokenCount(tokens), score }
}

fn message(id: i64) -> Option<ItemRef> {
    Some(ItemRef::Message { message_id: id, revision_id: id + id / 50 })
}

fn left_out(item: Option<ItemRef>, range: Option<MessageRange>, reason: Reason) -> LeftOut {
    LeftOut { kind: ItemKind::Message, item, range, count: 7, tokens: TokenCount(300), reason }
}

fn everything() -> Manifest {
    let prompt = Some(ItemRef::Prompt { sha256: "a".repeat(64) });
    let mut segments = vec![
        segment(Section::System, ItemKind::Prompt, prompt, 400, None),
        segment(Section::Facts, ItemKind::Frame, None, 0, None),
        segment(Section::Facts, ItemKind::Fact, Some(ItemRef::Fact { fact_id: 9, version: 3 }), 12, None),
        segment(Section::Summaries, ItemKind::Summary, Some(ItemRef::Summary { episode_id: 2, version: 1 }), 5, None),
        segment(Section::Recent, ItemKind::Message, Some(ItemRef::Forgotten { forgotten: true }), 70_000, None),
    ];
    segments.extend((100..250).map(|id| {
        segment(Section::Recent, ItemKind::Message, message(id), 20 + u32::try_from(id * id % 50).unwrap(), None)
    }));
    segments.push(segment(Section::Recalled, ItemKind::Message, message(4), 40, Some(12.34)));
    segments.push(segment(Section::Recalled, ItemKind::Clock, None, 20, None));
    segments.push(segment(Section::Current, ItemKind::Message, message(251), 40, None));
    let range = Some(MessageRange { first: MessageId(1), last: MessageId(99) });
    let reasons = [
        Reason::OlderThanSession { minutes: 360 },
        Reason::BeforeReset,
        Reason::Archived,
        Reason::NotConversation,
        Reason::NoRoom { cap: 3520 },
        Reason::Trimmed,
        Reason::RankedLower { rank: 12 },
        Reason::Pending,
        Reason::NotInForce,
    ];
    let ranges = reasons.into_iter().map(|reason| left_out(None, range, reason));
    let tokens = TokenCount(6_000);
    Manifest {
        budget: BudgetUse {
            max_context_tokens: TokenCount(8_000),
            reserve: TokenCount(1_280),
            reserve_for_response: TokenCount(1_000),
            sections: Section::ALL.map(|name| SectionUse { name, cap: tokens, used: TokenCount(17) }).to_vec(),
        },
        segments,
        left_out: ranges.chain([left_out(message(3), None, Reason::Pending)]).collect(),
        totals: Totals {
            raw: tokens,
            scale: Scale::from_thousandths(1_150),
            scaled: TokenCount(6_900),
            predicted: TokenCount(6_900),
            reported: Some(TokenCount(6_899)),
            cached: None,
        },
        model: "gpt-6.1-terra".to_owned(),
        encoding: Encoding::O200kBase,
        session_minutes: 360,
        built_at: Timestamp(1_795_353_480_000),
        request_sha256: Some("0123456789abcdef".repeat(4)),
    }
}

#[test]
fn a_manifest_comes_back_as_it_was() {
    let manifest = everything();
    assert_eq!(unpack(&pack(&manifest, None).unwrap(), None).unwrap(), manifest);
}

#[test]
fn manifests_kept_as_json_are_still_read() {
    let manifest = everything();
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, &manifest).unwrap();
    assert_eq!(unpack(&encoder.finish().unwrap(), None).unwrap(), manifest);
}

#[test]
fn manifests_kept_with_words_for_reasons_and_hashes_are_still_read() {
    let manifest = everything();
    let mut packed = Packed::of(&manifest, 0);
    for (out, kept) in manifest.left_out.iter().zip(&mut packed.left_out) {
        kept.3 = Why::Named(out.reason.clone());
    }
    packed.request_sha256 = manifest.request_sha256.clone().map(Hash::Text);
    packed.names.hashes = vec![Hash::Text("a".repeat(64))];
    let body = [vec![PACKED], rmp_serde::to_vec(&packed).unwrap()].concat();
    assert_eq!(unpack(&body, None).unwrap(), manifest);
}

#[test]
fn what_is_no_hash_comes_back_as_it_was() {
    for text in ["", "0", "0A", "+1", "xyz", "é0", "00ff"] {
        let kept = rmp_serde::to_vec(&Hash::of(text)).unwrap();
        assert_eq!(rmp_serde::from_slice::<Hash>(&kept).unwrap().text(), text);
    }
}

#[test]
fn a_manifest_of_160_segments_and_every_reason_takes_little_more_than_600_bytes() {
    let packed = pack(&everything(), None).unwrap();
    assert!(packed.len() < 620, "{} bytes", packed.len());
}

#[test]
fn beside_its_prefix_a_manifest_takes_half_of_that_and_comes_back_as_it_was() {
    let mut manifest = everything();
    let prefix = Prefix::of(&manifest);
    let prefix = Prefix::unpack(&prefix.pack().unwrap()).unwrap();
    manifest.segments.insert(155, segment(Section::Recent, ItemKind::Message, message(250), 33, None));
    let packed = pack(&manifest, Some(&prefix)).unwrap();
    assert!(packed.len() < 340, "{} bytes", packed.len());
    assert_eq!(unpack(&packed, Some(&prefix)).unwrap(), manifest);
    assert!(unpack(&packed, None).is_err());
}

#[test]
fn a_manifest_that_begins_otherwise_needs_nothing_of_the_prefix() {
    let manifest = everything();
    let mut prefix = Prefix::of(&manifest);
    prefix.segments[0].tokens = TokenCount(401);
    assert_eq!(unpack(&pack(&manifest, Some(&prefix)).unwrap(), None).unwrap(), manifest);
}

#[test]
fn a_prefix_is_kept_until_a_quarter_of_what_could_stand_in_it_does_not() {
    let manifest = everything();
    let own = Prefix::of(&manifest);
    assert!(own.is_worth_keeping_beside(None));
    let first = |many: usize| Prefix { segments: own.segments[..many].to_vec() };
    let all = own.segments.len();
    assert!(!own.is_worth_keeping_beside(Some(&first(all - all / 4))));
    assert!(own.is_worth_keeping_beside(Some(&first(all - all / 4 - 1))));
    assert!(!first(16).is_worth_keeping_beside(None));
}
