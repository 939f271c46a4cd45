//! What models cost, as the owner says: `gpt-6-luna = 0.10/0.01/0.50, llama3.2 = 0/0`.
//!
//! Dollars per million tokens, as price lists give them: of the prompt, of what of it comes from the provider's cache, and of
//! the answer. Two numbers are a model without cheaper cached tokens. Models that transcribe may cost something a minute:
//! `whisper-1 = 0.006/min`.

use souvenir_memory::NanoUsd;

use super::ModelPrice;

/// A dollar per million tokens is so many billionths of one a token.
const PER_TOKEN: u64 = 1_000_000;

/// Reads prices with commas between.
pub(super) fn table(text: &str) -> Result<Vec<ModelPrice>, String> {
    let mut prices: Vec<ModelPrice> = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let price = price(entry)?;
        if prices.iter().any(|known| known.model == price.model) {
            return Err(format!("{} has two prices: leave one", price.model));
        }
        prices.push(price);
    }
    Ok(prices)
}

fn price(entry: &str) -> Result<ModelPrice, String> {
    let wrong = || {
        format!(
            "“{entry}” is no price: use model = input/cached/output in dollars per million tokens, such as \
             gpt-6-luna = 0.10/0.01/0.50, or model = dollars/min, with commas between"
        )
    };
    let (model, numbers) = entry.rsplit_once('=').ok_or_else(wrong)?;
    let model = model.trim();
    if model.is_empty() || model.contains(char::is_whitespace) {
        return Err(wrong());
    }
    let numbers: Vec<&str> = numbers.split('/').map(str::trim).collect();
    let amount = |number: &str| {
        let amount: NanoUsd = number.parse().map_err(|_| wrong())?;
        if !amount.0.is_multiple_of(PER_TOKEN) {
            return Err(format!("{model} costs {number}: use three decimals at most"));
        }
        Ok(amount.0 / PER_TOKEN)
    };
    let minute = match numbers.as_slice() {
        [minute, "min"] => Some(minute.parse::<NanoUsd>().map_err(|_| wrong())?.0),
        _ => None,
    };
    let (input, cached, output) = match numbers.as_slice() {
        _ if minute.is_some() => (0, 0, 0),
        [input, output] => (amount(input)?, amount(input)?, amount(output)?),
        [input, cached, output] => (amount(input)?, amount(cached)?, amount(output)?),
        _ => return Err(wrong()),
    };
    if cached > input {
        return Err(format!("{model} costs more from the cache than new: the order is input/cached/output"));
    }
    Ok(ModelPrice { model: model.to_owned(), input, cached, output, minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_as_lists_give_them() {
        let own = |model: &str, input, cached, output| ModelPrice {
            model: model.to_owned(),
            input,
            cached,
            output,
            minute: None,
        };
        assert_eq!(
            table("gpt-6-luna = 0.10/0.01/0.50, meta/llama-3:8b=0/0,").unwrap(),
            [own("gpt-6-luna", 100, 10, 500), own("meta/llama-3:8b", 0, 0, 0)]
        );
        assert_eq!(table("dear = $15 / $75").unwrap(), [own("dear", 15_000, 15_000, 75_000)]);
        let voice = ModelPrice { minute: Some(6_000_000), ..own("whisper-1", 0, 0, 0) };
        assert_eq!(
            table("whisper-1 = 0.006/min, small-vectors = 0.02/0").unwrap(),
            [voice, own("small-vectors", 20, 20, 0)]
        );
        assert_eq!(table("").unwrap(), []);
    }

    #[test]
    fn what_is_no_price_is_refused_by_name_with_the_remedy() {
        for (text, named) in [
            ("gpt-6-luna", "such as"),
            ("gpt-6-luna=1", "such as"),
            ("=1/2", "such as"),
            ("a b=1/2", "such as"),
            ("a=1/2/3/4", "such as"),
            ("a=-1/2", "such as"),
            ("a=x/min", "such as"),
            ("a=1/2/min", "such as"),
            ("a=1/2,a=1/3", "a has two prices"),
            ("a=0.0001/2", "three decimals"),
            ("a=1/2/3", "order is"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
