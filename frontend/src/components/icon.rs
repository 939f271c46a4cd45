//! The few icons: drawn in the colour of the text beside them.

use leptos::prelude::*;

/// Which icon.
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "some stand in sheets only, which the server draws"))]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Icon {
    /// The card of the wordmark.
    Card,
    /// Two lines: the menu.
    Menu,
    /// A plus sign.
    Add,
    /// A cross.
    Close,
    /// A pin.
    Pin,
    /// A lens.
    Search,
    /// A square.
    Stop,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Self::Card => "M3 3.2h10v9.6H3zM5.5 3.2v9.6M7.5 6h3.5M7.5 8.5h3.5",
            Self::Menu => "M2.5 5h11M2.5 11h11",
            Self::Add => "M8 3v10M3 8h10",
            Self::Close => "m4 4 8 8M12 4l-8 8",
            Self::Pin => "M6 2h4l-.6 4.2 2.1 2.3h-7l2.1-2.3zM8 8.5V14",
            Self::Search => "M11.2 7a4.2 4.2 0 1 1-8.4 0 4.2 4.2 0 0 1 8.4 0zM10.2 10.2l3.3 3.3",
            Self::Stop => "M5.5 4.5h5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-5a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1z",
        }
    }
}

/// An icon that says nothing by itself: words stand beside it.
pub(crate) fn icon(which: Icon) -> AnyView {
    view! {
        <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
            <path d=which.path()></path>
        </svg>
    }
    .into_any()
}
