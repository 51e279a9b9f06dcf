//! What English-speaking customers are after: unresolved states, requests, courtesy, sarcasm.

use crate::lexicon::Cue;

/// By name.
pub(super) const SETS: &[(&str, &str)] = &[
    (
        "#",
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty thirty forty fifty sixty ninety hundred dozen several multiple many countless
        numerous 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36
        37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 70 72 75 80 90 100 120 150 180 200",
    ),
    (
        "#th",
        "second third fourth fifth sixth seventh eighth ninth tenth nth umpteenth 2nd 3rd 4th 5th 6th 7th 8th 10th",
    ),
    ("<time>", "hour hours hrs day days week weeks month months fortnight fortnights"),
    ("<minutes>", "minutes mins minute"),
    (
        "<day>",
        "monday tuesday wednesday thursday friday saturday sunday january february april june july august september
        october november december yesterday christmas easter",
    ),
    (
        "<not>",
        "not don't dont doesn't doesnt didn't didnt can't cant cannot couldn't couldnt won't wouldn't wouldnt isn't
        isnt aren't arent wasn't wasnt weren't werent haven't havent hasn't hasnt hadn't hadnt never ain't",
    ),
    ("<nobody>", "nobody noone none"),
    (
        "<fault>",
        "crash crashes crashing freeze freezes freezing lag lags lagging drop drops dropping disconnect disconnects
        disconnecting fail fails failing buffer buffers buffering stall stalls stalling hang hangs hanging overheat
        overheats overheating leak leaks leaking break breaks breaking glitch glitches glitching stutter stutters
        flicker flickers flickering jam jams reboot reboots restarting squeak squeaks",
    ),
    (
        "<done>",
        "fixed resolved solved refunded credited processed delivered repaired replaced answered addressed returned
        shipped posted corrected sorted reimbursed paid dealt updated dispatched reversed rectified honoured
        honored actioned escalated acknowledged completed removed activated installed connected cancelled canceled",
    ),
    ("<called>", "called calls phoned replied replies responded responds answers rang emailed contacted wrote texted"),
    (
        "<good>",
        "good great helpful happy impressed satisfied pleased reliable friendly nice professional fast quick
        efficient useful thrilled polite courteous responsive clear convenient effective accurate knowledgeable
        comfortable enjoyable impressive attentive patient stable fresh clean intuitive ideal acceptable adequate",
    ),
];

/// Words and phrases by cue and valence.
pub(super) const CUES: &[(Cue, f32, &str)] = &[
    (
        Cue::Hint,
        0.0,
        "repeat my story|having to repeat|if i could get|should have been|<not> hear|<not> heard|does anyone
            |does anybody|is anyone|is anybody|wondering why|twice now|once more|compensation|after # <minutes>
            |over # <minutes>|said it would|said they would|said he would|said she would|said you would|know why
            |understand why|out of pocket|three times|at least # times|more than # times|# times over|but still
            |too late|never heard|was supposed|were supposed|human being|a human|for some reason|on the doorstep
            |i asked|i told|after all these years|over an hour|for an hour|no one has|i asked for|the lack of
            |apparently|loyal customer|deducted|withdrawn|reversed|still have|is still|are still|<not> let me
            |<not> find my|<not> use my|twice|each time|every time|even though|actually|instead|another payment
            |another charge|another fee|another bill|another invoice|another form|another letter|another email
            |another call|<not> come|<not> came|cancelled last|canceled last|somebody|declined|unaware|in the end
            |at this point|what else|i've been|i have been|we have been|we've been|i rang|i phoned|i called
            |i wrote|i emailed|i chased|i paid|i returned|i cancelled|i canceled|i waited|we waited|i reported
            |i complained|in transit|under review|in review|pending|overdue|unpaid|incorrect|unread|expired
            |until now|by now|last week|last month|last year|months|weeks|kept|constantly|continually|ongoing
            |outstanding|no idea|nobody knows|no one knows|nobody could|no one could|still|once again|in spite
            |a week ago|months ago|a month ago|weeks ago|ever since|i said|as i said|have yet|has yet
            |the #th time|for about # <time>|still waiting|am still waiting|how many more|ask why|figure out why
            |tell me why|over a year|over # <time>|more than # <time>|nearly # <time>|almost # <time>
            |# <time> later|# <time> now|# <time> since|had to take|had to buy|have to call|no word|can anyone
            |if anyone|for hours|for weeks|for months|for days|goes down|long overdue|been waiting|not yet
            |for # <time>|# support tickets|for # <minutes>|again|promised|anymore|eventually|should've
            |was charged|were charged|being charged|was told|were told|yet another|supposedly|allegedly|since
            |meanwhile|previous calls|previous emails|previous letters",
    ),
    (
        Cue::Hint,
        -0.6,
        "are you sure|check again|try again|look again|try that again|i don't want|i do not want|i'm sorry
            |sorry i need|sorry i meant|that isn't|something else|anything else available|anything else instead
            |escalate|escalated|escalation|repeatedly|supervisor|neither of them|finally got|close my account
            |closing my account|# <time> ago|# times|# calls|# emails|# visits|# attempts|# appointments
            |# phone calls|# letters|# different people|# agents|my money back|or so i thought|so they say
            |the bot",
    ),
    // What should be over is not.
    (
        Cue::Unresolved,
        -1.4,
        "moved an inch|<not> moved|<not> left|<not> shipped|no movement|getting #|only getting|only got
            |only received|only receiving|real person|an actual person|actual human|real human|will now arrive
            |now arrive after|arrived too late|who can actually|someone who actually|actually fix|actually help
            |would still like|i would still|stop sending|stop calling|stop charging|stop emailing|stop billing
            |stop taking|please stop|got declined|everything twice|document twice|form twice|twice already
            |sent twice|happened last time|also happened|took another|taken another|charged another|wrong house
            |wrong door|logged out|paying full|paying for #|half my order|part of my order|part of the order
            |unable to reach|unable to log|unable to access|unable to use|unable to find|unable to speak
            |cannot be reached|number keeps|line keeps|where is our|whereabouts|tell me where|explain where
            |how come|look forward to your explanation|still isn't|second request|third request|second attempt
            |second time|third email|fourth email|second email|third call|fourth call|third letter
            |bring to your attention|draw your attention|to your attention|i'm writing because
            |i am writing because|reason i'm calling|bounced|overcharge|short changed|shortchanged|underpaid
            |double booked|taken out|debited|without explanation|for reasons|treated like|taken seriously
            |<not> taken|<not> been taken|<not> explain|<not> explained|<not> apologise|<not> apologize
            |<not> bother|<not> listen|<not> care|<not> understand why|<not> appear|<not> reflect|<not> show
            |<not> add up|<not> credited|<not> been done|<not> been sent|<not> been told|<not> been offered
            |<not> been in touch|<not> picked up|<not> pick up|<not> collected|<not> been collected
            |<not> delivered|<not> charge|<not> be charged|<not> have been|<not> accepting|<not> connecting
            |<not> responding|<not> loading|<not> charging|<not> syncing|<not> turning|<not> opening
            |<not> printing|<not> draining|<not> heating|<not> cooling|<not> sending|<not> updating|still <not>
            |still nothing|still down|still out|still broken|still missing|still pending|still open
            |still unresolved|still the same|still says|still say|still shows|still showing|still charging
            |still charged|still getting|still receiving|still having|still happening|still happens|still without
            |still on hold|still unable|still trying|still wrong|still billed|still being|still wait|still not
            |still in progress|still in review|still unpaid|still owed|still owe|still unanswered|still faulty
            |still dead|still stuck|still hasn't|still haven't|still doesn't|still don't|still can't|still cannot
            |still leaking|still dripping|still dropping|still crashing|still failing|still offline|still no sign
            |yet to receive|yet to hear|yet to see|yet to arrive|yet to come|am yet|are yet|to this day
            |as of today|up to now|until now nothing|so far nothing|nothing so far|<not> arrived yet
            |<not> received yet|remains open|remain open|remains unanswered|remain unanswered|remains unresolved
            |remain unresolved|remains the same|remains unpaid|gone unanswered|went unanswered|go unanswered
            |goes unanswered|remains outstanding|remains unchanged|is outstanding|has changed nothing|persists
            |not changed|no change",
    ),
    // Repeated contact.
    (
        Cue::Unresolved,
        -1.4,
        "#th time|#th call|#th attempt|#th request|#th email|#th letter|#th complaint|#th replacement
            |#th visit|#th engineer|#th technician|#th message|#th reminder|my #th time|yet again|time and again
            |time after time|times over|every single time|every time i call|every time i ring|each time i call
            |called # times|rang # times|phoned # times|called you # times|asked # times|tried # times
            |told # times|explained # times|written # times|emailed # times|emailed you # times
            |written to you # times|contacted you # times|explained this # times|reported this # times
            |called about this # times|# times now|# times already|# times this week|# times this month
            |# times since|# times today|# times in a row|all # times|transferred # times|rescheduled # times
            |cancelled # times|previous # letters|previous # emails|previous # calls|last # letters|last # emails
            |last # calls|past # calls|my previous emails|my previous letters|my previous calls|my earlier emails
            |my earlier messages|my last email|# calls later|# agents later|# emails later|took # calls
            |took # attempts|after # calls|after # emails|after # attempts|after # visits|after # letters
            |after # phone calls|after # reminders|# different agents|# different departments|# different reps
            |# departments|repeat myself|repeating myself|repeat everything|repeat it all|explain again
            |explain myself again|explain it all|explain everything again|explain the whole|explain it again
            |start over again|start all over|start again from scratch|like i said|i already said|i just said
            |i just told|i already told|you already asked|not what i asked|not what i said|not what i want
            |not what i meant|already explained|already told|already sent|already submitted|already called
            |already provided|already contacted|already asked|already done|already tried|already reset
            |already restarted|already paid|already cancelled|already canceled|already returned|already reported
            |already written|already emailed|already spoken|already been through|already gone through
            |already gave|the same answer|same answer|same issue|same problem|same error|same fault|same mistake
            |same thing again|same story|same excuse|same response|same script|same reply|same question
            |keep having|keep getting|keep being|keep telling|keeps telling|kept telling|keep sending
            |keeps sending|keep charging|keeps charging|keep calling|keeps happening|keep happening
            |kept happening|keep asking|kept asking|keeps saying|keep saying|kept saying|keep billing
            |keeps billing|keeps coming back|keep coming back|keep chasing|keeps going|keeps cutting|keeps losing
            |keeps failing|keeps crashing|keeps freezing|keeps disconnecting|keeps rejecting|keeps declining
            |keeps logging|chasing up|to chase|been chasing|had to chase|had to call|having to call|had to ring
            |had to phone|had to explain|have to explain|had to repeat|have to repeat|having to explain
            |had to pay|had to wait|have to wait|having to wait|made to wait|had to go back|had to come back
            |had to return|had to send|had to reschedule|had to cancel|had to borrow|had to do it myself
            |had to fix it myself|had to beg|checking in again|following up again|follow up again|writing again
            |calling again|ring again|call again|call back again|asking again|write again|contact you again
            |contacting you again|bounced between|bounced around|passed between|pillar to post
            |from department to department|sent in circles|round in circles|going round in circles
            |around in circles|going in circles|back to square one|square one|one step forward",
    ),
    // Waiting.
    (
        Cue::Unresolved,
        -1.4,
        "for over # <time>|for more than # <time>|for nearly # <time>|for almost # <time>
            |for the past # <time>|for the last # <time>|for at least # <time>|# <time> and still
            |# <time> and counting|# <time> and nothing|after # <time>|been # <time>|has been # <time>
            |took # <time>|taken # <time>|waiting # <time>|wait # <time>|waited # <time>|# <time> on hold
            |# <minutes> on hold|# <time> on the phone|# <minutes> on the phone|# <minutes> in a queue
            |# <minutes> in the queue|# <minutes> in line|# <time> in line|# <time> late|# <minutes> late
            |another # <time>|# <time> overdue|# <time> past|# <time> without|# working days|# business days
            |for over an hour|an hour on hold|hour on hold|half an hour on hold|waited # <minutes>
            |waiting # <minutes>|waiting over # <minutes>|wait # <minutes>|for a week now|over a week
            |over a month|more than a week|more than a month|more than a year|for a month|for a week|for ages
            |for years now|almost a month|nearly a month|almost a year|nearly a year|a month now|a week now
            |a whole week|a whole month|the whole day|the whole weekend|an entire day|a full week|all day waiting
            |waited all day|waiting all day|waited in all|wait in all|stayed in all|stayed home all|waiting since
            |waiting for weeks|waiting for months|waiting for days|waiting for hours|waiting for ages
            |kept waiting|left waiting|keep me waiting|kept me waiting|keeps me waiting|long wait|day off work
            |time off work|took a day off|take a day off|took the day off|took time off|take time off|lost a day
            |wasted a day|hold music|in the queue|no end in sight|since <day>|since last <day>|since last week
            |since last month|since last year|since the weekend|since my first call|since my last call
            |since i first|since my first|since i reported|since i returned|since i sent|since i cancelled
            |since i paid|since i placed|since the beginning|since the start|is day #|offline|by # <time>
            |delayed by # <time>|late by # <time>|left my parcel|left my package|waiting for # <time>
            |waited for # <time>|down for # <time>|out for # <time>|on hold for # <minutes>|on hold for # <time>
            |going on for # <time>|trying for # <time>|broken for # <time>|been waiting for # <time>
            |missing for # <time>|chasing for # <time>|asking for # <time>|nothing for # <time>
            |anything for # <time>|pending for # <time>|open for # <time>|late for # <time>|stuck for # <time>
            |service for # <time>|internet for # <time>|water for # <time>|power for # <time>
            |heating for # <time>|this for # <time>|reply for # <time>|response for # <time>|review for # <time>
            |happening for # <time>|transit for # <time>|processing for # <time>|me for # <time>|waiting on hold
            |passed the deadline|deadline passed|deadline has passed|missed the deadline",
    ),
    // Promised, and not done.
    (
        Cue::Unresolved,
        -1.4,
        "you promised|was promised|were promised|been promised|they promised|he promised|she promised
            |promised us|was assured|were assured|assured us|been assured|was guaranteed|was quoted|i was quoted
            |been told|told it would|told they would|told someone would|told i would|said someone would
            |said they'd|said he'd|said she'd|said it'd|said you'd|told they'd|told me he'd|told me she'd
            |is supposed|was meant|were meant|should have arrived|should have had|should have received
            |should already|was asked to allow|asked to allow|asked to wait|asked me to wait|told to wait
            |told to allow|was due|were due|due to arrive|who was booked|never came|never showed|never showed up
            |never turned up|never called|never materialised|never materialized|not happened|hasn't happened
            |missed appointment|missed the appointment|missed my appointment|missed delivery|empty promises
            |broken promise|broken promises|broke your promise|didn't keep|did not keep",
    ),
    (
        Cue::Unresolved,
        -1.6,
        "<nobody> <called>|no one <called>|<nobody> called back|no one called back|nobody called me back
            |no one called me back|<nobody> came|no one came|<nobody> has|<nobody> seems|no one seems
            |<nobody> bothered|no one bothered|<nobody> showed|no one showed|<nobody> turned up|no one turned up
            |<nobody> picks up|no one picks up|<nobody> picked up|no one picked up|<nobody> gets back
            |no one gets back|<nobody> got back|no one got back|<nobody> told|no one told|<nobody> tells
            |no one tells|<nobody> helped|no one helped|<nobody> listens|no one listens|<nobody> cares
            |no one cares|no callback|no call back|no reply|no response|no answer|no update|no updates|no news
            |no sign|no trace|no show|no record|no reason given|no explanation|no confirmation|no tracking
            |no feedback|no notification|no engineer|no technician|no driver|no delivery|no replacement
            |no solution|no resolution|no progress|no apology|no refund|no follow up|nothing has changed
            |nothing has happened|nothing happened|nothing happens|nothing was done|nothing has been
            |nothing is happening|nothing came|nothing gets|nothing got|nothing arrived|nothing yet|nothing since
            |nothing works|nothing back|nothing in return|nothing was fixed|nothing was resolved
            |nothing is being done|heard nothing|got nothing|received nothing|seen nothing|radio silence
            |not a word|not one word|dead silence|complete silence|only silence|without reply|without a reply
            |without a response|without any reply|without any response|without an answer|without success
            |without result|in vain|to no avail",
    ),
    (
        Cue::Unresolved,
        -1.4,
        "<not> been <done>|<not> yet been <done>|<not> <done>|<not> received|<not> receive|<not> turned up
            |<not> turn up|<not> show up|<not> shown up|<not> showed up|<not> come through|<not> gone through
            |<not> go through|<not> appeared|<not> happened|<not> let us|<not> allow|<not> accept
            |<not> get through|<not> reach anyone|<not> reach|<not> get hold|<not> log|<not> sign|<not> access
            |<not> call back|<not> called back|<not> call me back|<not> called me back|<not> reply|<not> replied
            |<not> respond|<not> responded|<not> answer|<not> answered|<not> arrived|<not> arrive|<not> been able
            |<not> able|<not> what i ordered|<not> what was agreed|<not> what we agreed|<not> what i asked
            |<not> what i was told|<not> as described|<not> as advertised|<not> been contacted|<not> been given
            |<not> a single reply|<not> a single call|<not> been paid|<not> had a reply|<not> had a response
            |<not> seen any|<not> the case|<not> my fault|<not> agree|<not> authorise|<not> authorize|<not> asked
            |<not> order|<not> sign up|<not> recognise|<not> recognize|<not> include|<not> match|<not> honour
            |<not> honor|<not> good enough|<not> acceptable|<not> ideal|<not> impressed|<not> amused|<not> fair
            |<not> normal|<not> how it should|<not> the service",
    ),
    // Money.
    (
        Cue::Unresolved,
        -1.4,
        "been charged|charged us|billed us|was billed|been billed|charged again|billed again|charged twice
            |charged me twice|been charged twice|billed twice|double charged|double billed|charged for something
            |keep paying|paying for nothing|paying for something|have my money back|get my money back
            |want my money back|want a refund|want my refund|where is my refund|where is my money
            |where is my order|where is my package|where is my parcel|where is the refund|refund promised
            |awaiting refund|awaiting a refund|awaiting my refund|waiting for my refund|waiting for a refund
            |refund request|chasing a refund|refund has|is missing|are missing|was missing|were missing
            |went missing|gone missing|has disappeared|have disappeared|has vanished|vanished|on neither of them
            |line i closed|i never ordered|i never signed|i never agreed|i never asked|i never authorised
            |i never authorized|i never requested|never asked|never agreed|never ordered|never signed up
            |never signed|paid twice|despite cancelling|despite canceling|despite having|despite paying
            |after i cancelled|after i canceled|after cancelling|price went up|price has gone up|gone up again
            |went up again|more than agreed|more than quoted|hidden fees|hidden fee|hidden charges
            |different price|wrong price|wrong amount|wrong address|wrong item|wrong size|wrong colour
            |wrong color|wrong name|wrong person|wrong order|wrong product|wrong model|late fee",
    ),
    (
        Cue::Unresolved,
        -1.4,
        "without heating|without heat|without power|without water|without internet|without service
            |without hot water|without electricity|without a phone|without a signal|been without|left without
            |are without|am without|no heating|no heat|no hot water|no internet|no signal|no service|no power
            |no running water|no electricity|no dial tone|no connection|no phone line|no broadband|no wifi
            |blank screen|black screen|red light|error message|error code|out of service|out of order
            |stopped working|stops working|no longer works|no longer working|no longer available|doing nothing
            |does nothing|did nothing|died after|packed up|cuts out|cut out|cutting out|cuts off|keeps going down
            |goes dead|went dead|down again|down since",
    ),
    // Courteous threats and demands.
    (
        Cue::Unresolved,
        -1.4,
        "be escalated|to escalate|speak to a supervisor|speak to a manager|speak with a supervisor
            |speak with a manager|talk to a manager|talk to a supervisor|speak to your manager
            |speak to your supervisor|speak to someone senior|someone more senior|someone in charge
            |formal complaint|official complaint|file a complaint|make a complaint|lodge a complaint
            |raise a complaint|complaint about|register a complaint|complaint number|complaint reference
            |trading standards|ombudsman|consumer protection|better business bureau|legal advice|legal action
            |small claims|my lawyer|my attorney|my solicitor|take my business|move my business|business elsewhere
            |go elsewhere|going elsewhere|look elsewhere|looking elsewhere|take it further|take this further
            |other providers|another provider|another bank|another company|another carrier|another supplier
            |switch providers|switching providers|a competitor|competitor|consider my options
            |considering my options|last chance|final warning|final notice|dispute the charge|disputing
            |chargeback|put right|be put right|put this right|make this right|make it right|set this right
            |explain why|like to know why|want to know why|may i ask when|may i ask why|ask when|when somebody
            |when someone|if somebody could|would anyone|can somebody|will anyone|will somebody|when can i expect
            |how much longer|how many times|how long am|how long must|by when|look into why|find out why
            |not understand why|don't understand why|no idea why|respectfully request|would urge|must insist
            |i insist|expect a reply|expect a response|expect an answer|expect compensation|goodwill gesture
            |gesture of goodwill",
    ),
    // Disappointed expectations.
    (
        Cue::Unresolved,
        -1.4,
        "expected better|expected more|expect better|expect more|would have expected|would have hoped
            |would have thought|would have appreciated|had hoped|i had hoped|you would think|you'd think
            |one would think|one would expect|would have been nice|could have told|could have warned
            |might have told|nice to be told|would it kill|is it too much|too much to ask|the least you could
            |only an oversight|an oversight|less than impressed|less than ideal|less than satisfied
            |less than helpful|not the first time|happened before|happens again|happened again|it happened again
            |happened twice|happening again|used to be better|used to be good|used to work|used to love
            |than it used|than before|isn't what it used|gone downhill|going downhill|went downhill
            |i'm afraid i'll|afraid i'll|leaves me no choice|no choice|no other option|no alternative
            |was declined|been declined|was rejected|been rejected|was refused|been refused|was denied
            |been denied|turned away|was cancelled|been cancelled without|cancelled without|cancelled our
            |canceled our|changed without|without telling|without asking|without notice|without warning
            |in a worse|worse than|worse off|sent the wrong|delivered the wrong|gave me the wrong
            |charged the wrong|isn't right|hung up|cut off|cut me off|hangs up|put the phone down
            |put down the phone",
    ),
    // Requests and formulas of courtesy.
    (
        Cue::Request,
        0.0,
        "i attach|i enclose|i've attached|attached|enclosed|wanted to ask|quick question|question about
            |where to find|would like|i'd like|id like|be possible|please|pls|plz|kindly|was wondering|when does
            |please find|find attached|i am writing|just letting you know|let me know|need a copy|need to know
            |kind regards|best regards|regards|sincerely yours|yours sincerely|yours faithfully|yours truly
            |dear sir|dear madam|dear sir or madam|dear team|to whom it may concern|for your records
            |for your information|for reference|new address|new email address|new phone number",
    ),
    (
        Cue::Courtesy,
        1.9,
        "have a good day|have a good one|have a good weekend|have a good evening|have a nice day
            |have a great day|have a lovely day|have a nice weekend|hope all is well|hope you are well
            |hope you're well|hope this finds you well|thank|thanks|thx|thanx|tks|ty|many thanks|much appreciated",
    ),
    (
        Cue::Courtesy,
        1.0,
        "thanks a bunch|thanks in advance|thank you in advance|thank you for your time
            |thank you for your attention|thanks for your time|thanks for your attention
            |thank you for your consideration|thank you for your understanding|thanks for getting back
            |thank you for getting back|thanks for the reply|thank you for the reply|thanks for your reply
            |thank you for your reply|thanks for your email|thank you for your email|would be appreciated
            |would be much appreciated|would be greatly appreciated|i would appreciate|i'd appreciate
            |would appreciate|be grateful|happy to provide|happy to send",
    ),
    (
        Cue::Sarcasm,
        -2.2,
        "yeah right|oh great|oh wonderful|oh joy|oh good|oh brilliant|oh perfect|oh fantastic|oh lovely
            |just great|just wonderful|just perfect|just brilliant|just lovely|just fantastic|slow clap
            |surprise surprise|how convenient|how generous|how thoughtful|good luck getting|good luck trying
            |good luck reaching|good luck finding|thanks for nothing|thank you for nothing|nice job ruining
            |nice work ruining|great job ruining|great job losing|great job breaking|well done for losing
            |only took you|only took # calls|only took # <time>|took you # calls|took you # attempts
            |took you # <time>|if you enjoy|if you like waiting|if you like being|if you enjoy being|must be nice
            |must be joking|must be kidding|have to be joking|gotta be kidding|got to be kidding|are you kidding
            |you're kidding|is this a joke|some joke|what a joke|pull the other|my hero|aren't we lucky
            |genius move|great another|five star treatment|nice try|what a treat|couldn't care less
            |could care less|because why|thanks for ruining|thanks for wasting|thank you for wasting
            |thank you for ruining|thanks for losing|thanks for the runaround|world class incompetence
            |congratulations on losing|congratulations on ruining",
    ),
];
