//! A part of a page, drawn on the server.

use serde::{Deserialize, Serialize};

/// HTML that is safe to insert as it is: made from views, whose texts are escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sheet(String);

impl Sheet {
    /// Draws a view.
    #[cfg(feature = "ssr")]
    pub(crate) fn of(view: leptos::prelude::AnyView) -> Self {
        use leptos::prelude::RenderHtml;
        Self(view.to_html())
    }

    /// The HTML.
    pub(crate) fn into_html(self) -> String {
        self.0
    }
}
