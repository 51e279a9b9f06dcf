//! Words that identify English.

/// Frequent words without a meaning of their own, by how clearly they distinguish English from other languages.
pub(super) static MARKERS: &[(u32, &str)] = &[
    (
        3,
        "the and are were been being have has had this that these those with from they them their there what when which who would
        could should your you our it's its i'm i've i'll i'd you're don't didn't can't isn't because about after before into than
        then where why how did does doing need please of got just if by my",
    ),
    (
        2,
        "is was i we it to will want for on at be he she his her him some any all out up can may more so not your im ive going like
        know now here customer an get or mine company call called people time day week month year but",
    ),
    (1, "in us do as am go one over service"),
    // Other languages have them, too.
    (0, "a me no"),
];

/// Other words that identify English, likewise.
pub(super) static TELLING: &[(u32, &str)] = &[
    (
        3,
        "you've you'll we're we've we'll they're they've he's she's that's there's what's let's who's you'd it'll won't wouldn't
        couldn't shouldn't doesn't wasn't weren't hasn't haven't hadn't aren't ain't cannot dont doesnt didnt wont cant wasnt havent
        youre theyre thats whats through without within although though while until since myself yourself himself herself themselves
        anyone everyone someone everything anything something nothing",
    ),
    (
        2,
        "hi hello hey thanks thank thx thnx pls plz u ur yes yeah yep nope sure maybe gonna wanna gotta idk lol omg btw asap
        other only first see two make think any come back well said say says way most much very really right left work years
        days weeks months hours minutes still take took taken many never ever always great look looking looks same used use using
        every around between better best worse another own under during thing things give gave given again next each against found
        find must feel felt family keep keeps kept might put money away few number night nights tonight today tomorrow yesterday
        having done however getting let women men care already enough full read told tell yet mean means support including
        side try tried trying went gone less country season seen kids children whole able early friends friend talk talked talking
        speak spoke guys guy become coming comes goes heard hear head help helped helping hope almost along matter pretty remember
        bit needs needed playing probably understand close wanted members wait waiting waited leave late later long longer short
        stay buy bought sell sold rather either neither soon third turn turned whether among further asked ask asking easy hard near
        quite works worked available ready sometimes current currently started start starts stop stopped stops happen happened
        happening answer answered finally gets guess end ends instead seems seem thought together else everyone nobody down off
        once twice also too
        order orders ordered account bill bills billing charge charged charges refund refunds payment paid pay invoice phones
        store shop shipping shipped delivery delivered package parcel arrived flight flights bag bags booking booked seat luggage
        appointment branch broken broke lost missing wrong received receive sent send return returned returns
        cancel cancelled canceled change changed subscription price prices balance check checked could've would've should've whose
        whom yours ours theirs weather game games watch watching love loved liked nice sorry welcome morning afternoon evening
        weekend monday tuesday wednesday thursday friday saturday sunday january february march july august september october
        november december new old big small high low open closed black white world star stars life home house school job business live
        happy bad good",
    ),
    // Other languages borrow them.
    (1, "email website manager agent update updated login phone card password plan plans upgrade software app apps online chat"),
];
