//! Which models see pictures, by their names: what is widely known. Of others nothing is said, and the endpoint's word counts.

/// Parts of names of models that see.
const SEE: [&str; 30] = [
    "gpt-4o",
    "gpt-4.1",
    "gpt-4.5",
    "gpt-4-turbo",
    "gpt-4-vision",
    "gpt-5",
    "gpt-6",
    "chatgpt-4o",
    "o1",
    "o3",
    "o4-mini",
    "claude-3",
    "claude-4",
    "claude-opus",
    "claude-sonnet",
    "claude-haiku",
    "claude-fable",
    "gemini",
    "gemma-3",
    "gemma3",
    "pixtral",
    "llava",
    "moondream",
    "minicpm-v",
    "internvl",
    "-vl",
    "vl-",
    "-vision",
    "llama-4",
    "llama4",
];
/// Parts of names of models that do not, though a part above may stand in them.
const DO_NOT: [&str; 13] = [
    "gpt-3.5",
    "gpt-oss",
    "o1-mini",
    "o1-preview",
    "o3-mini",
    "codellama",
    "deepseek-chat",
    "deepseek-r1",
    "deepseek-v3",
    "qwq",
    "gemma-3-1b",
    "gemma3:1b",
    "gemma-3-270m",
];

/// Whether a model sees pictures; none where its name does not tell.
#[must_use]
pub fn is_known(model: &str) -> Option<bool> {
    let name = model.to_ascii_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    // A short part is a name's beginning, or it would stand in many.
    let has = |part: &&str| if part.starts_with('o') { name.starts_with(*part) } else { name.contains(*part) };
    if DO_NOT.iter().any(has) || name == "gpt-4" || name.starts_with("gpt-4-0") {
        return Some(false);
    }
    SEE.iter().any(has).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_tells_is_known() {
        for model in
            ["gpt-6.1-terra", "gpt-4o-mini", "openai/gpt-5", "o3", "qwen2.5-vl:7b", "llama3.2-vision", "Pixtral-12B"]
        {
            assert_eq!(is_known(model), Some(true), "{model}");
        }
        for model in ["gpt-4", "gpt-4-0613", "gpt-3.5-turbo", "o3-mini", "deepseek-r1:8b", "gemma3:1b"] {
            assert_eq!(is_known(model), Some(false), "{model}");
        }
        for model in ["llama3.2", "small", "mistral-nemo", "phi4", "ollama/orca"] {
            assert_eq!(is_known(model), None, "{model}");
        }
    }
}
