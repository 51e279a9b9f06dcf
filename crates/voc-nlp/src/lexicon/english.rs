//! English: hand-made for customer service. Valences follow the scale of VADER (-4 to 4).

use super::Words;

pub(super) static WORDS: Words = Words {
    markers: &[
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
    ],
    telling: &[
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
    ],
    valences: &[
        (
            3.4,
            "outstanding awesome fantastic phenomenal flawless exceptional magnificent superb perfect perfection perfectly
            excellent excellence brilliant amazing amazingly",
        ),
        (
            2.9,
            "great greatest wonderful wonderfully incredible terrific fabulous marvelous marvellous best love loved loves loving lovely
            delighted delightful thrilled ecstatic gorgeous stellar superior unbeatable adore adored splendid stunning magical
            masterpiece beautiful beautifully joy joyful",
        ),
        (
            2.3,
            "happy happier happiest happily impressed impressive impressively pleased pleasing pleasant pleasantly enjoy enjoyed
            enjoying enjoyable enjoys satisfied satisfying satisfaction grateful gratitude thankful excited exciting excitement glad
            recommend recommended recommends fun funny fave favorite favourite yay wow kudos bravo congrats congratulations celebrate
            win winner winning wins success successful successfully awesomeness lifesaver charming cheerful cute blessed proud
            exceeded exceeds exceed captivating masterful stoked chuffed gems yummy tasty flavorful immaculate flawlessly
            hilarious rocks genius treasure hero friendliness kindness paradise beauty laughing legendary",
        ),
        (
            1.9,
            "good nice nicely helpful friendly kind kindly polite courteous professional knowledgeable patient thank thanks thanking
            thx thanx tks ty appreciate appreciated appreciates appreciative appreciation efficient efficiently effortless seamless
            seamlessly smooth smoothly reliable trustworthy generous caring considerate respectful attentive responsive prompt
            promptly welcoming cool neat sweet smile smiling smiles better pleasure well fine gladly warm comfortable comfy
            intuitive elegant stylish crisp vibrant sturdy durable smart clever talented creative strong trust trusted
            courteously attentively hospitable professionally professionalism timely speedy responsiveness knowledgable sleek cozy
            roomy plush versatile witty authentic patience patiently touching
            relieved relief peaceful relaxing bonus gift lucky inspiring inspired inspiration worth worthwhile valuable
            haha lol hahaha lmao rofl bliss blessing blessings laugh laughs romantic adorable freedom heartfelt",
        ),
        (
            1.3,
            "resolved resolve resolves solved solves fixed fixes sorted clear clearly easy easily easier fast faster quick quickly
            convenient convenience affordable accurate safe secure secured quality useful advantage benefit benefits improved improve
            improves improving improvement upgraded supportive helped helps accommodating fair fairly reasonable bargain
            refreshing fresh clean correct correctly honest honestly interesting interested interest enthusiastic eager calm luck wish
            wishes peace bless handy
            confident promising positive positively free fantastical agree agreed bright rich solid sharp true truly hopeful hope
            ready special alive wise worthy dear excite engaging entertaining loyal respect respected sincere sincerely
            ergonomic lightweight solidly compliment compliments saved saves gain gained beloved fantasy dream dreams friend friends
            healthy hopefully
            welcome won care cares cared",
        ),
        (0.9, "ok okay yes yep yeah sure works worked decent adequate fixing able interestingly like liked likes nicer certainly
            absolutely definitely"),
        (0.0, "legal show mal"),
        (
            -0.8,
            "wait waiting waited slow slower slowly late overdue delay delays delayed confused confusing confusion unclear unsure difficult
            difficulty hard harder complicated expensive pricey costly sorry apologize apologise apologies apology limited hidden odd
            strange weird average mediocre bland outdated missing missed miss forgot forgotten uncertain doubt
            doubts doubtful dull tired tiring noisy loud stuck repeated repeatedly unfortunately unlike excuse excuses pressure
            unexpected unexpectedly concern concerns concerned concerning lengthy inconsistent incomplete cancel cancelled canceled
            cancellation nope unable intermittent spotty patchy excessive muffled grainy choppy stale cramped curt abrupt inexperienced
            untrained unskilled formulaic derivative pretentious overlong contrived surcharge penalty penalties fined bent stained faded
            scratchy tiresome buffering supposed",
        ),
        (
            -1.5,
            "issue issues problem problems problematic trouble troubles troubling complaint complaints complain complained complaining
            complains error errors fault faulty fail fails failed failing failure failures crash crashes crashed crashing bug bugs
            buggy glitch glitches glitchy broke break breaks breaking wrong wrongly incorrect incorrectly mistake mistakes inaccurate
            lost lose loses losing loss lack lacking lacks unhelpful unfriendly unprofessional unreliable unresponsive unresolved unsolved
            inconvenience inconvenient inconvenienced unhappy dissatisfied dissatisfaction unsatisfied unsatisfactory unpleasant
            disappoint disappointing disappointingly disappointment annoy annoys annoyed annoying upset upsetting worried worry
            worrying worries struggle struggled struggling refuse refused refuses refusing denied reject rejected declined ignore
            ignored ignores ignoring dropped drops disconnected disconnects disconnecting freezes frozen freezing laggy lagging outage
            outages downtime damaged damage damages defective defect defects poor poorly cheaply flimsy overpriced
            overcharged overcharge overcharging overbilled unauthorized unauthorised sad sadly sadness sadder
            unfortunate unfair unfairly lame boring bored bore cold dirty smelly messy mess ugly weak
            negative tedious cumbersome clunky hassle hassles frustrate frustrates confuse regret regrets
            regretted blocked blame blamed cry cries crying sick pain pains painful painfully hurt hurts tears
            lazy careless clueless incompetent ineffective inefficient inadequate insufficient impossible hopeless helpless
            lie lied lies lying liar liars dishonest misleading misled deceptive deceived deceive sketchy shady suspicious
            argue argued arguing argument fight fighting war attack attacks attacked victim victims awkward flaw flaws flawed ruined ruin
            ruins fake loser losers insane screwed ignorant arrested afraid scared fear fears
            guilty crisis threat threaten threatened danger dangerous risk risky stress stressed stressful anxious anxiety
            rejecting abandoned unwanted stolen steal stole steals stealing suck ban banned kill killed kills dead death die died dies
            lonely alone unlucky shame poorer shoddy shallow predictable cliched nonsense silly pointless
            unfinished forced unconvincing cracked dented scratched chipped leaking leaks mishandled overheats overheating jammed
            unanswered botched subpar gimmick overrated letdown unwatchable yikes flickering flickers buzzing crackling rattles squeaky
            wobbly brittle moldy mouldy soggy overcooked greasy tasteless burnt reeks tacky knockoff mislabeled mismatched mixup
            fumbled ghosted stonewalled dismissive condescending patronizing patronising snarky unapologetic inattentive unwilling
            uncooperative downhill sue suing lawsuit unjustified exorbitant undelivered amateurish runaround",
        ),
        (
            -2.2,
            "bad badly worse frustrated frustrating frustration frustratingly disappointed angry anger angrily furious mad irritated
            irritating irritation aggravating aggravated infuriating infuriated outraged outrageous unacceptable rude rudely rudeness
            disrespectful disrespect insulting insulted insult insults broken useless worthless pathetic ridiculous ridiculously
            ridicule absurd nightmare nightmares disaster disastrous fiasco crap crappy junk garbage trash rubbish
            sucks sucked stupid stupidity idiot idiots idiotic dumb moron morons fool foolish scam scams scammed scammer scammers
            fraud fraudulent fraudster cheat cheated cheating cheater robbed robbery ripoff thief thieves theft unusable inexcusable
            unbearable
            intolerable miserable miserably misery dreadful hateful evil cruel abuse abused abusive
            wasted waste wastes wasting appalled incompetence negligence negligent neglected hell damn wtf ugh violence violent murder
            terror terrorist terrorists racist tragedy tragic corrupt corruption devastated devastating catastrophe catastrophic
            depressed depressing
            depression crook crooks counterfeit bogus swindled extortionate gouging gouged nauseating
            heartbroken heartbreaking betrayed shit shitty bullshit pissed bitch bastard ass hates loathe crime criminal",
        ),
        (
            -3.2,
            "terrible terribly horrible horribly awful awfully worst horrendous horrid horrific atrocious abysmal appalling disgusting
            disgusted
            disgrace disgraceful despicable hate hated hating deplorable vile shameful fuck fucked nasty rape
            abomination detest detestable repulsive revolting",
        ),
    ],
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
        havent hadn't hadnt ain't aint rarely seldom unable lack lacks lacking failed fails refuse refused refuses refusing",
    boosters: &[
        (
            0.29,
            "very really so extremely absolutely totally completely incredibly super highly truly deeply especially exceptionally hugely
            particularly quite too utterly most more entirely fully seriously insanely damn fucking freaking bloody such always
            extra remarkably thoroughly tremendously unbelievably enormously exceedingly greatly majorly overly literally",
        ),
        (
            -0.29,
            "slightly somewhat barely hardly scarcely almost little partly partially marginally occasionally sorta kinda less sometimes
            mildly
            moderately relatively",
        ),
    ],
    contrasts: "but however nevertheless nonetheless",
    phrases: &[
        (
            3.0,
            "a life saver|can't recommend enough|above and beyond|thumbs up|blown away|top notch|hats off|second to none|five stars|5 stars
            |on cloud nine|made my day|well done|keep it up|keep up|five star|5 star|exceeded my expectations|exceeded our expectations
            |exceeded all expectations|exceeds expectations|you rock|you guys rock|extra mile|money well spent|well worth|without a hitch
            |couldn't ask for more|couldn't ask for better|can't ask for more|blew me away|blows me away|can't put it down|game changer",
        ),
        (2.2, "works fine|works well|working fine|working well|pretty good|problem solved|problem fixed|issue solved|issue resolved
            |issue fixed
            |out of her way|out of his way|out of their way|exactly what i needed|exactly what i wanted|just what i needed
            |just what i wanted
            |can't go wrong|cant go wrong|can't beat|cant beat|hard to beat|must buy|must see|must read|a must|huge fan|big fan|spot on
            |on point|a steal|such a steal|worth it|worth every|buy again|order again|like a charm|lives up to|lived up to|on the ball
            |life saver"),
        (1.6, "on time|in no time|all good|no complaints|can't complain|cant complain
            |can't wait|cant wait|looking forward|could not be happier|couldn't be happier|feel better|not bad|not too bad|no worries
            |up and running
            |as described|as advertised|as promised|ahead of schedule|a day early|days early|a breeze|a snap|good to go|first try|no fuss
            |shout out|no brainer|no hiccups|like new
            |up to par|up to scratch|up to standard|hassle free|trouble free|pain free|stress free|user friendly|easy to use"),
        (0.5, "would be nice|would be great|would be good|would be awesome|would be helpful"),
        (0.6, "no problem|no problems|no issues|not a problem|without any problem|no trouble|no hassle"),
        (-1.6, "still waiting|still not|on hold|fed up|hung up|hang up|gave up|give up|giving up|let down|lets down|shut down|timed out
            |too long
            |so long|long wait|long time|over and over|again and again|run around|passed around|transferred again|no response|no reply
            |no answer|no one|no longer|stopped working|stops working|quit working|cut off|kicked out|locked out|back and forth|called again
            |third time|last straw|too much|too many|too expensive|too slow|out of stock|never received|never arrived|so called|cost me
            |never showed|never showed up|no show|never called|never came|never responded|never replied|never answered|never got|never heard
            |been down|went down|keeps dropping|keep dropping|charged me twice|charged twice|billed me twice|billed twice|charged again
            |another provider|another company|another carrier|switch providers|switching providers|broke down|breaks down|days late
            |weeks late
            |hours late|missing parts|ran around|out of order|below average|below par|hit or miss|let me down|let us down
            |speak to a manager|speak to a supervisor|talk to a manager|talk to a supervisor|speak with a manager|speak with a supervisor
            |speak to your manager|speak to your supervisor|lost in the mail|for no reason|without warning|without notice|without permission
            |times already|been transferred|keeps asking|in circles|never happened|not what i ordered|not what i wanted|not what i expected
            |talk to a human|speak to a human|talk to a person|speak to a person|doesn't fit|didn't fit|does not fit|did not fit
            |takes forever|took forever|taking forever|forever to|weeks now|months now|days now|no luck|sent it back|sending it back
            |send it back|returning it|returned it|want my money back|small claims|my lawyer|my attorney|legal action|could be better
            |could have been better|should be better|wish i|wish it|wish they|if only|different answer|different answers
            |without my consent|no apology|no explanation|no refund|no follow up|falls short|fell short|short lived"),
        (-3.2, "waste of time|waste of money|waste of|bait and switch|dead on arrival|highway robbery|joke of a|beyond a joke"),
        (-2.4, "not working|does not work|do not work|did not work|ripped off|ripping off|rip off|never again|a joke|total joke
            |complete joke
            |don't bother|dont bother|do not bother|don't buy|dont buy|do not buy|stay away|stay clear|steer clear|buyer beware
            |save your money
            |never buying|never using|throw it away|threw it away|threw it out|better business bureau
            |much to be desired
            |zero stars|0 stars|one star|1 star|thumbs down|pissed off|piss off|sick of|tired of|no use|slap in the face|out of control
            |makes me sick|could care less|sick and tired
            |fall apart|fell apart|falling apart|falls flat|falls apart"),
        (-4.0, "thanks for nothing|thank you for nothing|no thanks to"),
        (0.0, "no thanks|no thank you|as well|well as|well known|like to|would like|i'd like|feel like|looks like|look like|sounds like
            |seems like|like a|like an|just like
            |more like|pretty much|of course|good morning|good afternoon|good evening|good day|for good|kind of|sort of|any kind
            |all kinds|what kind|this kind
            |in case|dear sir|no doubt|make sure|not sure|best regards|kind regards|sincerely yours|no idea|take care|customer care
            |health care|free to|old school|so much"),
    ],
    negator_phrases: "no longer|far from|anything but|nowhere near|not at all|no way",
    booster_phrases: &[(-0.29, "kind of|sort of|a bit|a little|just enough"), (0.29, "a lot|so much|by far")],
    sham_negations: "not only|not just|not to mention|no matter|no wonder|why not|nothing but|don't hesitate|do not hesitate|not hesitate
            |can't help|no doubt|without a doubt|without doubt|not sure",
};
