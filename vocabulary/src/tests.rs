//! Counts against those of the whole tables. The server's tests compare them with the provider's own tokenizer.

use super::*;

/// Every token that is a text, alone and beside its neighbours: all tables are read, and all ways back from a wrong merge.
fn assert_counts_as(whole: &Tokenizer, reduced: &Vocabulary) {
    let tokens: Vec<String> =
        (0..).map_while(|id| (id < whole.bpe.num_tokens() as u32).then(|| whole.decode(&[id]))).flatten().collect();
    assert!(tokens.len() > 90_000);
    for pair in tokens.windows(2) {
        for text in [&pair[0], &pair.concat()] {
            assert_eq!(reduced.count(text), whole.count(text.as_str()), "{text:?}");
        }
    }
    for text in tokens.chunks(1_000).map(<[String]>::concat) {
        assert_eq!(reduced.count(&text), whole.count(text.as_str()));
    }
}

#[test]
fn every_token_of_o200k_base_counts_as_with_the_whole_tables() {
    assert_counts_as(bpe_openai::o200k_base(), &Vocabulary::o200k_base());
}

#[test]
fn every_token_of_cl100k_base_counts_as_with_the_whole_tables() {
    assert_counts_as(bpe_openai::cl100k_base(), &Vocabulary::cl100k_base());
}

#[test]
fn the_tables_are_small_enough_to_be_shipped() {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/o200k_base")).len()
        + include_bytes!(concat!(env!("OUT_DIR"), "/cl100k_base")).len();
    assert!(bytes < 9_000_000, "{bytes} bytes");
}
