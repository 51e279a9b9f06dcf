//! English: hand-made for customer service. Valences follow the scale of VADER (-4 to 4).

mod cues;
mod language;
mod phrases;
mod valences;

use super::Words;

pub(super) static WORDS: Words = Words {
    markers: language::MARKERS,
    telling: language::TELLING,
    valences: valences::VALENCES,
    when_negated: &[
        (
            -1.5,
            "work working works worked load loads loading open opens opening connect connects connecting respond responds responded
            responding
            function functioning functions start starts turn turns charging sync syncing update updating install installing
            resolve resolved solve solved fix fixed fixing recommend recommended worth acceptable satisfied happy care cares honor honored
            honour honoured listen listening listened",
        ),
        (
            -1.2,
            "help helped helping helps helpful answer answered answers answering receive received receiving arrive arrived arriving deliver
            delivered refund refunded understand understands understood access log login reach reached called able allowed valid
            believe like liked enjoy trust trusted good great fair accurate clear easy even stand",
        ),
        (0.8, "bad problem problems issue issues trouble hard difficult complaint complaints complain wait wrong worry worries"),
        (0.0, "afraid sure wait hesitate cancel sorry yes ok okay"),
    ],
    negators: "not no never none nobody nothing neither nor nowhere without cannot can't cant don't dont doesn't doesnt didn't didnt
            isn't isnt aren't
        arent wasn't wasnt weren't werent won't wont wouldn't wouldnt couldn't couldnt shouldn't shouldnt hasn't hasnt haven't
        havent hadn't hadnt ain't aint rarely seldom unable lack lacks lacking hardly barely scarcely less failed fails refuse refused refuses refusing",
    boosters: &[
        (
            0.29,
            "very really so extremely absolutely totally completely incredibly super highly truly deeply especially exceptionally hugely
            particularly quite too utterly most more entirely fully seriously insanely damn fucking freaking bloody such always
            extra remarkably thoroughly tremendously unbelievably enormously exceedingly greatly majorly overly literally",
        ),
        (
            -0.29,
            "slightly somewhat almost little partly partially marginally occasionally sorta kinda sometimes
            mildly
            moderately relatively",
        ),
    ],
    contrasts: "but however nevertheless nonetheless",
    sets: cues::SETS,
    cues: cues::CUES,
    phrases: phrases::PHRASES,
    negator_phrases: "no longer|far from|anything but|nowhere near|not at all|no way|not a single|isn't a single|wasn't a single
            |not one|less than|none too|not exactly|no such thing as|neither of",
    far_negators: "not once|never once|not one time|at no point|at no time|don't think|dont think|do not think|didn't think|don't believe|do not believe|don't feel|do not feel|didn't feel|did not feel
            |didn't find|did not find|don't find|do not find|wouldn't say|would not say|wouldn't call|would not call|can't say|cannot say
            |couldn't say|hard to believe|can't call|never thought|isn't something|is not something|isn't what i|is not what i
            |hardly what i|wouldn't describe|would not describe|doubt that|i doubt|not convinced",
    booster_phrases: &[(-0.29, "kind of|sort of|a bit|a little|just enough"), (0.29, "a lot|so much|by far"), (0.6, "could not be more|couldn't be more
            |could not have been more|couldn't have been more|can't be more|cannot be more|could hardly be more|can't get any more")],
    sham_negations: "not only|not just|not to mention|no matter|no wonder|why not|nothing but|nothing short of|none other than|not for nothing|never hesitate|no hesitation|without hesitation|not once but|not forgetting
            |don't hesitate|do not hesitate|not hesitate
            |can't help|no doubt|without a doubt|without doubt|not sure",
};
