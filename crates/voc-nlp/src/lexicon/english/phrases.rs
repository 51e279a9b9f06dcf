//! English phrases by valence.

/// From -4 to 4.
pub(super) const PHRASES: &[(f32, &str)] = &[
    (
        3.0,
        "can't recommend enough|above and beyond|thumbs up|blown away|top notch|hats off|five stars|5 stars
            |on cloud nine|made my day|well done|keep it up|keep up|five star|5 star|exceeded my expectations
            |exceeded our expectations|exceeded all expectations|exceeds expectations|you rock|you guys rock
            |extra mile|money well spent|well worth|couldn't ask for more|couldn't ask for better
            |can't ask for more|blew me away|blows me away|can't put it down|game changer",
    ),
    (
        2.2,
        "works fine|works well|working fine|working well|pretty good|problem solved|problem fixed
            |issue solved|issue resolved|issue fixed|out of her way|out of his way|out of their way
            |exactly what i needed|exactly what i wanted|just what i needed|just what i wanted|can't go wrong
            |cant go wrong|can't beat|cant beat|hard to beat|must buy|must see|must read|a must|huge fan|big fan
            |on point|a steal|such a steal|worth it|worth every|buy again|order again|like a charm|lives up to
            |lived up to|on the ball|life saver",
    ),
    (
        1.6,
        "can't imagine life without|cannot imagine life without|couldn't live without|can't live without
            |couldn't do without|no drama|no dramas|went away|gone away|gone now|fixed now|fine now|works now
            |working now|good now|happy now|better now|sorted now|quick and easy|quick and painless|a doddle
            |pass on my thanks|my thanks|thanks to everyone|thanks to the team|sincere thanks|heartfelt thanks
            |special thanks|a special thanks|special mention|as bad as people|isn't as bad|wasn't as bad
            |needn't have worried|not as bad|pain free|how did i live|did i live without|no fault|above board
            |true to size|true to their word|kept their word|kept his word|kept her word|kept their promise
            |kept his promise|as good as their word|good on them|fair play|credit where|credit where it's due
            |where credit is due|a big plus|huge plus|top marks|full marks|nine out of ten|a thumbs up
            |two thumbs up|big thumbs up|over delivered|under promise|on the up|worth its salt|down to earth
            |heart of gold|salt of the earth|go the distance|hit the spot|hits the spot|ticks all|ticks every box
            |tick all the boxes|ticked all|does what it says|says on the tin|well chuffed|dead chuffed
            |proper good|proper job|absolute belter|absolute corker|mint condition|solid as a rock|rock solid
            |built like a tank|built to last|runs like|runs smoothly|like butter|smooth as butter|smooth as silk
            |easy as pie|easy peasy|no brainer|on time|in no time|all good|no complaints|can't complain
            |cant complain|can't wait|cant wait|looking forward|feel better|not bad|not too bad|no worries
            |up and running|as described|as advertised|as promised|ahead of schedule|a day early|days early
            |a breeze|a snap|good to go|first try|no fuss|shout out|no hiccups|like new|up to par|up to scratch
            |up to standard|hassle free|trouble free|stress free|user friendly|easy to use",
    ),
    (0.5, "would be nice|would be great|would be good|would be awesome|would be helpful"),
    (0.6, "no problem|no problems|no issues|not a problem|without any problem|no trouble|no hassle"),
    (
        -1.6,
        "on hold|fed up|hang up|gave up|give up|let down|lets down|shut down|timed out|too long|long time
            |over and over|again and again|run around|passed around|transferred again|no one|no longer
            |quit working|kicked out|locked out|called again|third time|too much|too many|too expensive|too slow
            |out of stock|never received|never arrived|cost me|never responded|never replied|never answered
            |never got|been down|keeps dropping|keep dropping|billed me twice|broke down|breaks down|days late
            |weeks late|hours late|missing parts|ran around|below average|below par|let me down|let us down
            |lost in the mail|for no reason|without permission|times already|been transferred|keeps asking
            |in circles|never happened|not what i ordered|not what i wanted|not what i expected|talk to a human
            |speak to a human|talk to a person|speak to a person|doesn't fit|didn't fit|does not fit|did not fit
            |takes forever|took forever|taking forever|forever to|weeks now|months now|days now|no luck
            |sent it back|sending it back|send it back|returning it|returned it|could be better
            |could have been better|should be better|different answer|different answers|without my consent
            |falls short|fell short|short lived",
    ),
    (-3.2, "waste of time|waste of money|waste of|dead on arrival|beyond a joke"),
    (
        -2.4,
        "not working|does not work|do not work|did not work|ripped off|ripping off|rip off|never again|a joke
            |total joke|complete joke|don't bother|dont bother|do not bother|don't buy|dont buy|do not buy
            |stay away|stay clear|steer clear|buyer beware|save your money|never buying|never using|throw it away
            |threw it away|threw it out|zero stars|0 stars|1 star|thumbs down|pissed off|piss off|sick of
            |tired of|no use|out of control|makes me sick|sick and tired|fall apart|fell apart|falling apart
            |falls flat|falls apart",
    ),
    (-4.0, "no thanks to"),
    (
        0.0,
        "no thanks|no thank you|as well|well as|well known|feel like|looks like|look like|sounds like
            |seems like|like a|like an|just like|more like|pretty much|of course|good morning|good afternoon
            |good evening|good day|for good|kind of|sort of|any kind|all kinds|what kind|this kind|in case
            |no doubt|make sure|not sure|take care|customer care|health care|free to|old school|so much",
    ),
    // Idioms.
    (
        3.0,
        "nothing but praise|nothing but good|nothing but good things|nothing but positive|only good things
            |nothing short of amazing|nothing short of excellent|nothing short of fantastic
            |nothing short of brilliant|nothing short of incredible|could not have been better
            |couldn't have been better|couldn't have been more helpful|couldn't have been nicer
            |couldn't have been kinder|couldn't be better|could not be better|couldn't be happier
            |could not be happier|couldn't be more pleased|couldn't be more helpful|couldn't have gone better
            |could not have gone better|couldn't have gone any better|could not have gone any better
            |couldn't have asked for better|couldn't have asked for more|could not ask for more
            |could not ask for better|can't ask for better|couldn't fault|can't fault|cannot fault
            |couldn't fault them|can't say enough|cannot say enough|can't speak highly enough
            |can't thank you enough|cannot thank you enough|can't thank them enough|can't praise|cannot praise
            |can't recommend them enough|cannot recommend enough|cannot recommend highly enough
            |can't recommend highly enough|can't get enough|couldn't recommend more|couldn't recommend it more
            |never been happier|never been better|never had a better|never looked back|haven't looked back
            |knocked it out|out of the park|hit it out|hit the nail|bent over backwards|bend over backwards
            |bending over backwards|pulled out all the stops|went out of her way|went out of his way
            |went out of their way|go out of their way|going out of their way|went above and beyond
            |goes above and beyond|the bee's knees|the bees knees|the dog's bollocks|best thing since
            |best thing ever|best ever|best thing|a class act|class act|worth every penny|worth every cent
            |worth every dollar|worth its weight|worth the money|worth the wait|money's worth|bang for the buck
            |bang for my buck|bang for your buck|great value|good value|value for money|excellent value
            |like a champ|like a dream|like clockwork|like a pro|like a boss|like a glove|like magic
            |smooth sailing|plain sailing|walk in the park|piece of cake|no sweat|in safe hands|in good hands
            |safe pair of hands|saved my life|saved my bacon|saved the day|saved my day|saved my holiday
            |saved my trip|saved my weekend|saved our holiday|saved our trip|saved me hours|made my week
            |made my year|made our day|made me smile|put a smile|put me at ease|music to my ears
            |breath of fresh air|ray of sunshine|over the moon|tickled pink|on top of the world|walking on air
            |happy camper|happy bunny|pleasant surprise|pleasantly surprised|cream of the crop|a cut above
            |cut above the rest|head and shoulders|world class|first class|first rate|five star service
            |ten out of ten|10 out of 10|a real gem|hidden gem|a godsend|a life saver|a lifesaver
            |an absolute star|absolute star|absolute legend|a legend|absolute gem|absolute pleasure|a delight
            |a joy|a pleasure|chef's kiss|nothing was too much|nothing was too much trouble
            |nothing is too much trouble|never lets me down|never let me down|never let us down
            |never lets us down|never failed|never fails|never disappoints|never disappointed|does not disappoint
            |doesn't disappoint|did not disappoint|didn't disappoint|won't disappoint|will not disappoint
            |won't be disappointed|won't regret|don't regret|no regrets|zero regrets|not regret|night and day
            |turned my day around|turned it around|customer for life|customer for many years to come|won me over
            |head over heels|feel like family|felt like family|treated like family|treated like royalty
            |treated me like royalty|going the extra mile|went the extra mile|goes the extra mile|sick deal
            |killer feature|killer deal|killer app|insane deal|insanely good|wicked good|crazy good|stupid good
            |fire deal|the goat|no cap|bomb dot com|the bomb|da bomb|sick beats|dead good|bloody brilliant
            |bloody good|bloody marvellous|damn good|damn fine|mad respect|mad props|big up|round of applause
            |pat on the back|deserves a raise|deserve a raise|deserves a medal|deserve a medal
            |deserves a promotion|give her a raise|give him a raise|give them a raise|she's a star|he's a star
            |you're a star|you are a star|worth a million|restored my faith|faith in humanity|job well done
            |great job|good job|nice job|great work|good work|nice work|keep up the good work
            |keep up the great work|excellent work|fantastic job|amazing job",
    ),
    (
        2.0,
        "can't complain at all|nothing to complain about|no complaints here|no complaints at all
            |no complaints whatsoever|zero complaints|no problems at all|no problems whatsoever
            |no problems so far|no issues so far|no issues at all|no issues whatsoever|zero issues|zero problems
            |without any problems|without any issues|without problems|without issues|without an issue
            |without a problem|without a hitch|without a fuss|without any fuss|without any hassle
            |without incident|never any problems|never had a problem|never had a single problem
            |never had any problems|never had any issues|never had an issue|never had a bad|never a problem
            |never caused a problem|haven't had a problem|haven't had any problems|haven't had any issues
            |haven't had a single problem|not a single problem|not a single complaint|not a single issue
            |not one problem|not one complaint|not a single fault|<not> <fault> anymore|<not> <fault> any more
            |<not> <fault> any longer|no longer <fault>|stopped <fault>|finally stopped <fault>
            |<not> have to worry|no need to worry|nothing to worry about|hardly any problems|hardly any issues
            |barely any issues|hardly any wait|hardly had to wait|barely had to wait|hardly a wait|hardly noticed
            |didn't have to wait|did not have to wait|don't have to wait|never have to wait|no waiting|no queue
            |no wait|no queues|no wait time|would have been lost|would be lost without|don't know what i'd
            |don't know what i would|lost without|not half bad|isn't half bad|wasn't half bad|not bad at all
            |not too shabby|not shabby|not terrible|not the worst|isn't bad|wasn't bad|wasn't bad at all
            |isn't bad at all|aren't bad|weren't bad|nothing wrong|none the worse|could have been worse
            |cannot wait|really looking forward|so looking forward|second to none|holds up well|held up well
            |held up|stands the test|does the job|does the trick|did the trick|did the job|gets the job done
            |got the job done|does exactly|exactly as described|just as described|just as advertised
            |better than expected|better than i expected|better than advertised|better than i hoped
            |exceeded expectations|quicker than expected|faster than expected|earlier than expected
            |sooner than expected|easier than expected|easier than i thought|faster than i thought
            |quicker than i thought|cheaper than|better than|easier than|quicker than|much better than
            |so much better|a lot better|way better|much better|much improved|so much easier|made it easy
            |made this easy|made it so easy|made everything easy|in under an hour|within minutes|within the hour
            |in a flash|in a heartbeat|in a jiffy|lightning fast|super fast|right first time|first time round
            |on the spot|straight away|right on time|bang on time|spot on|on the dot|to the minute|ahead of time
            |before the deadline|works again|working again|back up and running|up and running again|good as new
            |as good as new|all sorted|is sorted|got sorted|got it sorted|sorted it out|sorted everything
            |sorted out|all fixed|got it fixed|solved my problem|solved our problem|solved the problem
            |fixed my problem|fixed the problem|fixed the issue|resolved my issue|resolved the issue
            |resolved my problem|got it resolved|for your help|for the help|for all your help|for helping
            |for fixing|for sorting|for solving|for your patience|for taking care|appreciate the help
            |appreciate your help|appreciate all|peace of mind|weight off|load off my mind|big relief
            |what a relief|sigh of relief|no nonsense|no strings attached|no hidden fees|no hidden costs
            |no hidden charges|still works great|still works perfectly|still works well|still works fine
            |still works like new|still working great|still working fine|still working perfectly
            |still going strong|still looks new|still looks great|still love|still loving|still the best
            |still my favorite|still my favourite|still happy|still impressed|still great|still good
            |would do it again|would buy again|would definitely buy again|would order again|will order again
            |will buy again|will be back|will come again|will definitely be back|will shop here again
            |would stay again|would use again|will use again|would recommend|highly recommend|highly recommended
            |strongly recommend|would definitely recommend|thoroughly recommend|tell all my friends
            |recommend to anyone|go to place|been a pleasure|was a pleasure|thank you so much|thanks so much
            |thank you very much|thanks a lot|thanks a ton|thanks a million|thanks very much|thank you all
            |big thanks|huge thanks|huge thank|big thank|so thankful|so grateful|very grateful|much love
            |bless you|god bless|nobody was unfriendly|not unhappy|not disappointed|wasn't disappointed
            |not dissatisfied|not unpleasant|not unreasonable|not unhelpful",
    ),
    (1.6, "that works|that works for me|works for me|that suits|sounds good|that will work|works great"),
    (1.0, "all i need|all i needed|that's all i need|that's all i needed|everything i need|everything i needed"),
    (
        0.6,
        "not unusual|no harm done|no biggie|fair enough|so far so good|better late than never|not to worry
            |no rush|no hurry|all right|it's ok|its ok",
    ),
    (
        -2.2,
        "can't wait any longer|cannot wait any longer|can't wait any more|can't wait anymore
            |cannot wait anymore|can't wait forever|can't wait much longer|cannot keep waiting|can't keep waiting
            |can't take it anymore|can't take this anymore|can't take any more|can't do this anymore|can't stand
            |cannot stand|could not care less|don't care|doesn't care|do not care|does not care
            |couldn't be bothered|can't be bothered|cannot be bothered|could be bothered|couldn't be worse
            |could not be worse|couldn't have been worse|could not have been worse|couldn't have gone worse
            |couldn't be less helpful|couldn't be more unhelpful|could not be less|couldn't be less
            |couldn't have been less helpful|nothing but problems|nothing but trouble|nothing but issues
            |nothing but excuses|nothing but headaches|nothing but lies|nothing but grief
            |nothing to write home about|nothing special|nothing good|nothing positive|not a single good
            |never had a worse|never been so disappointed|never been so angry|never been so frustrated
            |never been treated|never seen such|never had such bad|less <good> than|a lot less <good>
            |much less <good>|far less <good>|less <good>|not as <good>|nowhere near as <good>
            |not nearly as <good>|isn't as <good>|wasn't as <good>|isn't very <good>|wasn't very <good>
            |not very <good>|not so <good>|not that <good>|hardly <good>|barely <good>|scarcely <good>
            |far from <good>|anything but <good>|none too <good>|not particularly <good>|not exactly <good>
            |not at all <good>|less than <good>|not remotely <good>|not the least bit <good>|wasn't too <good>
            |isn't too <good>|barely works|hardly works|barely work|hardly work|barely working|barely worked
            |hardly worked|barely loads|barely connects|barely usable|barely functional|hardly usable
            |barely functions|barely charges|barely holds|barely lasts|barely lasted|hardly lasts|barely heats
            |barely hear|hardly hear|barely use|hardly use|barely open|barely opens|hardly ever works|hardly ever
            |hardly helped|hardly worth|hardly any help|hardly any signal|barely any signal|hardly a day
            |hardly acceptable|barely a week|barely a month|barely looked|barely listened|barely speaks
            |barely spoke|barely understood|isn't a single thing|not a single thing|not one thing|is a lemon
            |was a lemon|a lemon|a dud|a dog's dinner|dog's breakfast|dogs dinner|pig's ear|pigs ear
            |dumpster fire|train wreck|car crash|hot garbage|is trash|was trash|is garbage|a dumpster|a shambles
            |a travesty|a circus|clown show|bunch of clowns|a mockery|a racket|a rip off|daylight robbery
            |highway robbery|taken for a ride|taken to the cleaners|an arm and a leg|arm and a leg|cost a fortune
            |costs a fortune|nickel and dimed|nickel and dime|money down the drain|down the drain|down the toilet
            |down the tubes|up the wall|drives me mad|driving me mad|drives me crazy|driving me crazy
            |driving me insane|drives me nuts|driving me nuts|drove me mad|drives me up the wall
            |driving me up the wall|round the bend|at my wits end|at my wit's end|my wits end|end of my tether
            |end of my rope|end of my patience|lost my patience|losing my patience|lost all patience
            |running out of patience|patience is wearing|wearing thin|lost all faith|lost all trust|lost my trust
            |lost faith|last nerve|on my nerves|on my last nerve|gets on my nerves|getting on my nerves|a pain
            |pain in the neck|pain in the butt|pain in the ass|kick in the teeth|smack in the face
            |slap in the face|punch in the gut|spit in my face|salt in the wound|salt to the wound
            |insult to injury|final straw|last straw|straw that broke|had enough|have had enough|had it up
            |done with them|so done|sick to death|up to here|through the roof|blood boil|boiling point
            |makes my blood|off my chest|beyond frustrated|beyond annoyed|beyond disappointed|beyond angry
            |beyond ridiculous|beyond frustrating|leaves a bad taste|left a bad taste|bad taste|sour taste
            |a bitter taste|rubs me the wrong|rubbed me the wrong|left a lot|leaves a lot|leaves much|left much
            |leave a lot|lot to be desired|much to be desired|room for improvement|needs improvement|needs work
            |not up to scratch|not up to par|not up to standard|below expectations|didn't live up|doesn't live up
            |did not live up|fails to deliver|failed to deliver|dropped the ball|drop the ball|screwed up
            |messed up|messed me around|mucked up|cocked up|fobbed off|fob me off|fobbing me off|brushed off
            |brush me off|brushed me off|the runaround|gave me the runaround|given the runaround|wild goose chase
            |goose chase|fallen on deaf ears|deaf ears|talking to a brick wall|brick wall|talking to a wall
            |banging my head|beating my head|bang my head|hitting my head|pulling my hair out|pulling teeth
            |like pulling teeth|getting blood|blood from a stone|rather chew|rather eat|rather stick|rather pull
            |rather die|never ever again|once bitten|learned my lesson|lesson learned|wouldn't touch
            |with a barge pole|ten foot pole|wouldn't wish|would not wish|wouldn't recommend|would not recommend
            |can't recommend|cannot recommend|don't recommend|do not recommend|avoid at all costs
            |avoid like the plague|run away|run for the hills|run don't walk|steer well clear|do not waste
            |don't waste|waste your money|waste your time|wasted my time|wasted my money|wasting my time
            |wasted trip|wasted journey|complete waste|total waste|absolute waste|absolute joke|utter joke
            |utter shambles|complete shambles|total shambles|asleep at the wheel|couldn't organise
            |smoke and mirrors|snake oil|bait and switch|fine print|the fine print|buyer's remorse|white elephant
            |more trouble than|more trouble than it's|not worth|isn't worth|wasn't worth|more harm than
            |doesn't hold|no good|no bloody good|good for nothing|as much use|chocolate teapot|about as useful
            |next to useless|worse than useless|expensive paperweight|on the blink|on the fritz|gone haywire
            |gave up the ghost|bit the dust|conked out|died a death|kicked the bucket|fell to pieces
            |falling to bits|held together|came apart|come apart|came unstuck|fell off|falls off|falling off
            |hit and miss|a gamble|luck of the draw|roll of the dice|hot and cold|up and down like|cold shoulder
            |a cold shoulder|left in the dark|kept in the dark|in the dark about|left high and dry|high and dry
            |left hanging|left me hanging|left stranded|left me stranded|left in the lurch|hung out to dry
            |thrown under the bus|under the bus|swept under|turned a blind|blind eye|passing the buck
            |pass the buck|passed the buck|hot potato|red tape|jump through hoops|jumping through hoops
            |through hoops|catch 22|moving the goalposts|moved the goalposts|dragging their feet|drag their feet
            |dragging your feet|took their sweet time|sweet time|at a snail's pace|snail's pace|slow as molasses
            |slower than molasses|like molasses|watching paint dry|put me to sleep|a snooze|a chore|a slog
            |an uphill battle|uphill battle|a minefield|a can of worms|tip of the iceberg|from bad to worse
            |bad to worse|making it worse|made it worse|made things worse|makes it worse|got worse|gets worse
            |getting worse|keeps getting worse|worse and worse|worse every|under the weather|off the rails
            |gone to the dogs|to the dogs|down the pan|joke of a company|joke of a|bad joke|laughing stock
            |not funny|beggars belief|beggar's belief|beyond belief|defies belief|words fail|lost for words
            |takes the biscuit|takes the cake|takes the piss|taking the piss|taking the mick|taking the mickey
            |having a laugh|talk about bad|sorry excuse|poor excuse",
    ),
    (
        -1.3,
        "fobbed me off|fobbed us off|fobbing us off|fob us off|brushing me off|pushed from pillar
            |not hold a candle|doesn't hold a candle|last time i shop|last time i use|last time i buy
            |last time i order|last time i fly|last time i stay|promised the moon|delivered peanuts|for peanuts
            |all talk|all mouth|all hat|smoke screen|lip service|empty words|hot air|false economy|penny wise
            |robbing peter|stab in the back|stuck between|between a rock|up the creek|up a creek|in deep water
            |on thin ice|last legs|on its last legs|had its day|seen better days|past its best|past its sell
            |half baked|half arsed|half assed|half hearted|cheap and nasty|cheap and cheerful
            |rough around the edges|cutting corners|cut corners|corners were cut|falls over|fell over|keeled over
            |blew up|down the swanny|pear shaped|belly up|gone south|went south|fat chance|no chance|not a chance
            |chance would|slim chance|when pigs fly|hell freezes over|cold day|jump ship|jumped ship
            |cut my losses|cutting my losses|my wallet|taken my business|voting with my feet|give me a break
            |do me a favour|do me a favor|get a grip|get your act|act together|sort it out|sort yourselves out
            |pull your socks|pull your finger|buck up|shape up|what a palaver|a palaver|a faff|such a faff
            |a farce|a fiasco|a right mess|what a mess|hot mess|complete mess|total mess|utter mess
            |an absolute mess|a bloody mess|a dog and pony|dog and pony show|wild west|law unto themselves
            |couldn't care|couldn't give|give a damn|gives a damn|give a toss|give a monkeys|give two hoots
            |don't give|not the best|isn't the best|wasn't the best|not the greatest|not my favorite
            |not my favourite|not that great|not much|not much help|no help|no help at all|zero help|zero support
            |no support|no point|little help|of little help|little use|little point|could do better
            |must do better|a far cry|only so much|more of the same|same old|same old story|nothing new|bit much
            |a bit much|bit of a joke|not cool|not okay|not ok|for no good reason|a shame|such a shame
            |what a shame|too bad|wish i hadn't|should have known|should have listened|should have read
            |never should|live and learn",
    ),
    (
        0.0,
        "not right now|not now|not at the moment|not at this time|not today|doesn't matter|does not matter
            |don't mind|do not mind|more or less|no less than|at least|last but not least|not at all a problem
            |none the less|in the meantime|hope this helps|what is it like|would you like|do you like|if you like
            |as you like|whatever you like|i'm sure|im sure|pretty sure|not really sure|happy to help
            |can you help|could you help|please help|need help|i need some help|best time|best way|the best way
            |best number|best contact|free of charge|feel free|rest assured|be advised|kindly be advised
            |with care|in care|a matter|the matter|as a matter|thank you for contacting|thank you for calling
            |thanks for calling",
    ),
];
