//! The little of JSON Schema that the API's description uses: does a value conform, and values that do, more or less.

use serde_json::{Map, Value, json};

/// Numbers that look random and are the same each time (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("small")).expect("small")
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// An OpenAPI description.
pub(super) struct Description(pub(super) Value);

impl Description {
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(to) => self.0.pointer(to.trim_start_matches('#')).unwrap_or_else(|| panic!("{to} leads nowhere")),
            None => schema,
        }
    }

    /// Says where a value is not what the schema says.
    pub(super) fn conforms(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.conforms(part, value, at)?;
        }
        let alternatives = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        if let Some(alternatives) = alternatives {
            let failures: Vec<_> =
                alternatives.iter().filter_map(|schema| self.conforms(schema, value, at).err()).collect();
            if failures.len() == alternatives.len() {
                return Err(format!("none of the alternatives: {}", failures.join("; ")));
            }
        }
        if !types(schema).is_empty() && !types(schema).iter().any(|name| is_of(name, value)) {
            return Err(format!("{at} is {value:.80}, not {:?}", types(schema)));
        }
        if value.as_f64().zip(schema["minimum"].as_f64()).is_some_and(|(number, least)| number < least) {
            return Err(format!("{at} is {value}, below {}", schema["minimum"]));
        }
        self.members_conform(schema, value, at)
    }

    fn members_conform(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        if let Some(members) = value.as_object() {
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                if !members.contains_key(name) {
                    return Err(format!("{at} has no {name}"));
                }
            }
            for (name, member) in members {
                if let Some(described) = schema["properties"].get(name) {
                    self.conforms(described, member, &format!("{at}.{name}"))?;
                }
            }
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            if !schema["items"].is_null() {
                self.conforms(&schema["items"], item, &format!("{at}[{index}]"))?;
            }
        }
        Ok(())
    }

    /// A value by the schema; now and then something else where the schema wants something.
    pub(super) fn invent(&self, schema: &Value, dice: &mut Dice) -> Value {
        let schema = self.resolve(schema);
        if dice.below(8) == 0 {
            return strange(dice);
        }
        if let Some(alternatives) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            return self.invent(dice.pick(alternatives), dice);
        }
        let kinds = types(schema);
        match *dice.pick(if kinds.is_empty() { &["string"] } else { &kinds }) {
            "object" => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                let kept = properties.into_iter().filter(|(name, _)| is_required(schema, name) || dice.below(3) == 0);
                let kept: Vec<_> = kept.collect();
                let mut object: Map<_, _> =
                    kept.into_iter().map(|(name, described)| (name, self.invent(&described, dice))).collect();
                if dice.below(10) == 0 {
                    object.insert("nobody_knows_this".to_owned(), strange(dice));
                }
                Value::Object(object)
            }
            "array" => (0..dice.below(4)).map(|_| self.invent(&schema["items"], dice)).collect(),
            "integer" | "number" => json!(dice.below(60)),
            "boolean" => json!(dice.below(2) == 0),
            "null" => Value::Null,
            _ => schema.get("example").cloned().unwrap_or_else(|| json!(by_pattern(schema, dice))),
        }
    }
}

fn is_required(schema: &Value, name: &str) -> bool {
    schema["required"].as_array().is_some_and(|names| names.iter().any(|required| required == name))
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("no such type: {other}"),
    }
}

/// One of the words of `^(one|two|three)$`, or any word.
fn by_pattern(schema: &Value, dice: &mut Dice) -> String {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    let words = pattern.trim_start_matches("^(").trim_end_matches("$").trim_end_matches(['?', ')']);
    let words: Vec<&str> = words.split('|').filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase())).collect();
    let word = words.get(dice.below(words.len().max(1))).copied().filter(|word| !word.is_empty());
    word.unwrap_or("green tea").to_owned()
}

/// What no field wants, or not like this.
pub(super) fn strange(dice: &mut Dice) -> Value {
    let words = strange_words();
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(i64::MAX),
        2 => json!(-1),
        3 => json!(1.5),
        4 => json!({"$gt": ""}),
        5 => json!([[], {}]),
        6 => json!(true),
        _ => json!(dice.pick(&words)),
    }
}

/// Texts that have broken something somewhere.
pub(super) fn strange_words() -> Vec<String> {
    let words = [
        "",
        " ",
        "\0",
        "a\0b",
        "'; DROP TABLE chats; --",
        "\" OR 1=1",
        "%s%n",
        "../../etc/passwd",
        "{{7*7}}",
        "-0",
        "9223372036854775808",
        "1e309",
        "NaN",
        "\u{feff}",
        "\u{202e}evil",
        "e\u{301}\u{301}\u{301}",
        "\u{fdfa}",
        "🏴\u{e0067}\u{e0062}\u{e007f}",
        "2026-02-30T25:61:61Z",
        "-009999-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "0001-01-01",
        "<script>",
        "\r\nX-Injected: 1",
        "NEAR(",
        "\"*",
        "UTC\0",
        "Etc/../../etc/passwd",
    ];
    let long = ["x".repeat(70_000), "\u{301}".repeat(20_000), "((((".repeat(5_000)];
    words.into_iter().map(str::to_owned).chain(long).collect()
}
