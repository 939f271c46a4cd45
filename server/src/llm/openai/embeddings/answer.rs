//! Reading vectors out of an answer. What is not a vector for each text is refused as a whole: a vector in the wrong place would
//! be worse than none.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use souvenir_memory::vectors::unit;

use super::EmbeddingError;

/// No model's vectors have more dimensions.
const MOST_DIMENSIONS: usize = 16_384;

/// The `count` vectors of an answer, in the order of their texts, of unit length. `dimensions` are those of earlier vectors.
pub(super) fn read(answer: &Value, count: usize, dimensions: &AtomicUsize) -> Result<Vec<Vec<f32>>, EmbeddingError> {
    let items = answer["data"].as_array().ok_or_else(|| malformed("no list of vectors".to_owned()))?;
    if items.len() != count {
        return Err(malformed(format!("{} vectors for {count} texts", items.len())));
    }
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for (place, item) in items.iter().enumerate() {
        let place = item["index"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(place);
        let free = vectors.get_mut(place).filter(|vector| vector.is_none());
        *free.ok_or_else(|| malformed("the same text's vector twice".to_owned()))? = Some(vector(item)?);
    }
    let vectors: Vec<Vec<f32>> = vectors.into_iter().flatten().collect();
    same_dimensions(&vectors, dimensions)?;
    Ok(vectors)
}

/// The tokens that an endpoint has counted; none where it does not say, or says nothing.
pub(super) fn tokens(answer: &Value) -> Option<u64> {
    let usage = &answer["usage"];
    usage["prompt_tokens"].as_u64().or_else(|| usage["total_tokens"].as_u64()).filter(|tokens| *tokens > 0)
}

fn vector(item: &Value) -> Result<Vec<f32>, EmbeddingError> {
    let numbers = item["embedding"].as_array().ok_or_else(|| malformed("a vector that is no list".to_owned()))?;
    if numbers.is_empty() || numbers.len() > MOST_DIMENSIONS {
        return Err(malformed(format!("a vector of {} dimensions", numbers.len())));
    }
    #[expect(clippy::cast_possible_truncation, reason = "an f32 is what the model computed with")]
    let read: Option<Vec<f32>> = numbers.iter().map(|number| number.as_f64().map(|number| number as f32)).collect();
    let read = read.ok_or_else(|| malformed("a vector with something in it that is no number".to_owned()))?;
    unit(read).ok_or_else(|| malformed("a vector without a direction".to_owned()))
}

/// A model has one number of dimensions; another means that another model answers.
fn same_dimensions(vectors: &[Vec<f32>], known: &AtomicUsize) -> Result<(), EmbeddingError> {
    for vector in vectors {
        let found = vector.len();
        if let Err(before) = known.compare_exchange(0, found, Ordering::Relaxed, Ordering::Relaxed)
            && before != found
        {
            return Err(EmbeddingError::OtherDimensions { found, before });
        }
    }
    Ok(())
}

fn malformed(what: String) -> EmbeddingError {
    EmbeddingError::Malformed(what)
}
