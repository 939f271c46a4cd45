//! A picture as it goes to a model: with the request, so that no server has to fetch it, and counted by its size.

use base64::{Engine, engine::general_purpose::STANDARD};
use imagesize::ImageType;
use souvenir_memory::{TokenCount, tokens::picture_tokens};

/// A picture in a format that models take.
pub struct Picture {
    url: String,
    tokens: TokenCount,
}

impl Picture {
    /// Reads a picture's size; none where it is no JPEG, PNG, WebP or GIF.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mime = match imagesize::image_type(bytes).ok()? {
            ImageType::Jpeg => "image/jpeg",
            ImageType::Png => "image/png",
            ImageType::Webp => "image/webp",
            ImageType::Gif => "image/gif",
            _ => return None,
        };
        let size = imagesize::blob_size(bytes).ok()?;
        let pixels = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let tokens = picture_tokens(pixels(size.width), pixels(size.height));
        Some(Self { url: format!("data:{mime};base64,{}", STANDARD.encode(bytes)), tokens })
    }

    /// The whole picture as an address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What it is counted as.
    #[must_use]
    pub fn tokens(&self) -> TokenCount {
        self.tokens
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Never what is on it.
        f.debug_struct("Picture").field("tokens", &self.tokens).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_known_by_its_bytes() {
        // Nothing but a header, of 640 × 480 pixels.
        let png = [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR".as_slice(), &[0, 0, 2, 128, 0, 0, 1, 224]].concat();
        let picture = Picture::read(&png).unwrap();
        assert!(picture.url().starts_with("data:image/png;base64,iVBOR"), "{}", picture.url());
        assert_eq!(picture.tokens(), picture_tokens(640, 480));
        assert!(!format!("{picture:?}").contains("iVBOR"));
        for other in [b"%PDF-1.7 and so on".as_slice(), b"", b"GIF", b"<svg width='1' height='1'></svg>"] {
            assert!(Picture::read(other).is_none());
        }
    }
}
