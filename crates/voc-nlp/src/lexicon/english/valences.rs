//! English words by valence.

/// From -4 to 4.
pub(super) const VALENCES: &[(f32, &str)] = &[
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
        win winner winning wins success successful successfully awesomeness lifesaver hooray painless doddle godsend faultless unfazed charming cheerful cute blessed proud
        exceeded exceeds exceed captivating masterful stoked chuffed gems yummy tasty flavorful immaculate flawlessly
        hilarious rocks genius treasure hero friendliness kindness paradise beauty laughing legendary",
    ),
    (
        1.9,
        "good nice nicely helpful friendly kind  polite courteous professional knowledgeable patient   thanking
            appreciate appreciated appreciates appreciative appreciation efficient efficiently effortless seamless
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
        uncooperative downhill sue suing lawsuit unjustified exorbitant undelivered amateurish runaround bricked stranded headache clowns meh fiddly",
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
        heartbroken heartbreaking betrayed shambles shit shitty bullshit pissed bitch bastard ass hates loathe crime criminal",
    ),
    (
        -3.2,
        "terrible terribly horrible horribly awful awfully worst horrendous horrid horrific atrocious abysmal appalling disgusting
        disgusted
        disgrace disgraceful despicable hate hated hating deplorable vile shameful fuck fucked nasty rape
        abomination detest detestable repulsive revolting",
    ),
];
