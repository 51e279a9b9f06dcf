//! Languages that are neither English nor Portuguese: their frequent words, so that they are not mistaken for one of
//! the two.
//!
//! Words that without their accents are English or Portuguese words are left out, however frequent they are in
//! another language: `die`, `was` and `also` of German, `mais` of French, `sei` of Italian, `de` and `que` of Spanish.

/// Words by how clearly they speak against English and Portuguese, from 1 to
/// [`MAX_WEIGHT`](super::found::MAX_WEIGHT).
pub(super) const MARKERS: &[(u32, &str)] = &[
    // Spanish.
    (
        3,
        "y muy pero estoy están estaba estaban estuvo yo mi mis el del ellos ellas ella nosotros usted ustedes
        tengo tiene tienen tienes tenemos tenía tuve quiero quiere quieren quieres quisiera puedo puede pueden
        puedes podría podrían pudo pudieron hay había hubo hace hacen hacer hago hizo hicieron haga hola gracias
        buenos buenas buen bueno buena también después ahora siempre cuando donde cuándo cuánto cuánta cuántos
        quién quiénes cuál cuáles hasta muchas mucho muchos mucha nadie ningún ninguna ninguno algún alguna
        alguien entonces aunque hoy ayer mañana noche servicio señor señora ayuda ayudar",
    ),
    (
        2,
        "los las lo le les un una unos unas al es soy eres fue fueron ya sin con su sus nuestro nuestra nuestros
        nuestras eso esto esos estos ese aquel bien malo malos mejor peor tan luego pues aún todavía ni quizás
        solo solamente casi mismo misma mientras según hacia otro otra otros otras cualquier uno veces voy vas van
        dice dijo dijeron decir dicen dicho saben creo llevo llevan lleva llevar llamo llamé llama llaman llamar
        llamada llamadas llamando llegó llegar llega llegado llegaron llegué pido pidió esperaba necesito necesita
        necesitamos necesitan hablar hablo hablé habló puesto pongo poner veo salir sigue siguen pasó pasa pasado
        cobraron cobran cobrarme devuelvan devuelven devolvieron devuelto devolución factura facturas dinero
        cuenta cuentas tarjeta paquete paquetes compraron tienda tiendas enviaron entregaron recibí recibido
        recibir correo teléfono móvil línea señal aplicación contraseña clave queja quejas cancelé cancelaron
        funcionan sirve sirven cambiar cambio cambiaron precio precios pagado vuelo vuelos maleta maletas cita
        empleado empleados atención respuesta respondieron respondió responden contestan contesta contestó
        contestaron solución solucionaron arreglar arreglaron resolvieron amable amables amabilidad agradable
        gusta gustó gustaría agradezco pésima pésimo pésimos vergüenza estafa ladrones harto harta enojado enojada
        molesto molesta contento contenta satisfecho satisfecha saludos buenísimo perdón disculpe disculpen siento
        mujer hombre persona personas niño niños hijo hija calle ciudad trabajo temprano lunes martes miércoles
        jueves viernes enero febrero mayo junio julio septiembre octubre noviembre diciembre cuatro siete ocho
        nueve diez veinte treinta primera primero nuevo nueva nuevos nuevas roto rotos dañado dañada faltan quedó
        abierto abierta cerrado cerrada dejó dejar dejaron haciendo diciendo siendo teniendo hecho jamás
        información dirección compañía averió avería ordenador coche camión vosotros habéis tenéis queréis podéis
        estáis",
    ),
    // French.
    (
        3,
        "je vous nous il ils elle elles j'ai c'est n'est n'ai d'un d'une l'ai qu'il qu'on m'a s'il jusqu'à
        aujourd'hui quelqu'un avec dans pour est pas et une sur être suis sommes êtes sont était étaient été avez
        avons j'avais votre notre merci bonjour bonsoir beaucoup toujours encore rien depuis déjà cela cette mon
        leur leurs monsieur madame s'est m'avez m'ont n'a n'ont qu'elle l'on j'attends j'aimerais j'aime d'accord
        s'appelle",
    ),
    (
        2,
        "des du la au aux ça ce cet qui quand pourquoi parce aussi moins bon bonne trop peu même tous toute toutes
        autre autres chaque fois jour jours semaine semaines mois heure heures heureusement veux peux peut pouvez
        pouvons voulez vouloir voudrais fait faire fais faites dit ont sa ses sans sous chez vers après avant
        pendant alors donc quel quelle quelque personne personnes commande commandé colis livraison livreur
        facture factures remboursement remboursé remboursée rembourser compte clientèle abonnement payé payer
        argent carte réponse répond répondu répondre appelé appeler appel attends attente attendre reçu recevoir
        envoyé envoyer panne marche fonctionne problème déçu déçue déçus mécontent mécontente satisfait satisfaite
        inadmissible honte honteux arnaque nul nulle parfait parfaite rapide aimable accueil conseiller
        conseillère ligne jeudi vendredi samedi dimanche lundi mardi mercredi janvier février juillet août
        septembre octobre novembre décembre deux trois quatre cinq huit neuf dix vingt première dernier dernière
        nouveau nouvelle envoyez aidez aider besoin svp salut cher chère prix acheté acheter magasin produit
        produits qualité dommage demande demandé voir voilà savoir mots résilier",
    ),
    // Italian.
    (
        3,
        "gli che sono non di della delle dello degli nella nelle nel sulla alla alle allo dalla dal dei questo
        questa questi queste quello quella ho hai abbiamo avete hanno aveva mio mia miei mie vostro vostra nostro
        molto molta grazie ciao buongiorno buonasera perché più già così cosa ancora anche mai nessuno niente dopo
        prima oggi ieri domani adesso dove voglio vorrei potete essere stato stata stati siamo c'è l'ho
        dell'ordine un'altra dell'assistenza qualcuno qualcosa",
    ),
    (
        2,
        "si ci col tra fra suo loro noi voi io lui chi tutto tutti tutta tutte bene meglio peggio troppo poco
        subito giorno giorni settimana settimane mese mesi anno anni ore fatto detto ricevuto ricevere arrivato
        arrivata arrivati arriva aspetto aspettando attesa pacco pacchi ordine ordini ordinato spedizione spedito
        consegna consegnato corriere bolletta bollette fattura pagato pagare soldi rimborso restituisce restituire
        rete servizio assistenza clienti operatore operatrice risposta risponde rispondono rispondere chiamato
        chiamare chiamata funziona funzionano funzionare guasto rotto rotta problemi errore deluso delusa
        delusione pessimi ottimo ottima perfetto perfetta velocissimo velocissima veloce gentile gentilissimi
        soddisfatto soddisfatta vergogna vergognoso truffa schifo scortese disservizio abbonamento disdire
        disdetta contratto negozio acquisto acquistato comprato prodotto prodotti prezzo qualità buono buona buon
        nuovo nuova bello bella vero può possibile possono chiedo chiesto scusi prego signora signore lunedì
        martedì mercoledì giovedì venerdì sabato domenica tre quattro cinque sette otto dieci aiuto aiutare
        bisogno sapere",
    ),
    // German.
    (
        3,
        "und ich nicht ist eine einen einem einer eines der den dem mit auf für sie wir ihr ihre ihren ihnen
        von zu zum zur bei nach aus seit sich auch oder aber wenn weil dass habe haben hatte hatten wurde wurden
        werden wird bin sind sehr schon noch nur immer wieder kein keine keinen mein meine meinen meinem meiner
        unser unsere bitte danke hallo guten heute gestern morgen warum niemand nichts etwas mehr viel kann können
        könnte muss müssen möchte möchten wollte geht gibt euch dir mir mich über",
    ),
    (
        2,
        "er vom beim als wie wo wer ob bis doch dann hier dort jetzt nein wann welche welcher dieser diese dieses
        diesem jeder alles ganz gut gute guter schlecht schlechte schlechter schnell freundlich unfreundlich
        zufrieden unzufrieden enttäuscht enttäuschend leider gerne vielen dank herr frau tage tagen woche wochen
        monat monate monaten jahr jahre uhr stunde stunden zeit zweimal dreimal zwei drei fünf sechs sieben acht
        neun zehn rechnung rechnungen geld konto karte zahlen bezahlt abgebucht erstattung zurück bestellung
        bestellt bestellen lieferung geliefert paket ware versand angekommen bekommen erhalten warte warten
        gewartet techniker termin filiale kunde kunden kundenservice kundendienst mitarbeiter anruf angerufen
        anrufen antwort meldet kündigen kündigung vertrag tarif telefon funktioniert funktionieren kaputt fehler
        störung ausfall defekt hilfe helfen geholfen frechheit unverschämt einwandfrei schade ärgerlich montag
        dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz juni juli oktober dezember öffnet
        geschlossen sagen gesagt fragen frage wissen sehen machen gemacht tun lassen ohne gegen durch unter vor
        zwischen",
    ),
    // In Portuguese chats, "hein".
    (1, "ein"),
    // Dutch.
    (
        3,
        "het een en ik jij jullie niet dat deze zijn voor maar ook wel geen nog naar heb hebben heeft heel weer wij
        ze hij mijn onze uw bij uit wordt worden werd waarom wanneer hoe hoor graag bedankt alstublieft goed
        slecht niets iets altijd nooit vandaag gisteren kunnen moet moeten willen zou zouden gaat gaan",
    ),
    (
        2,
        "wat waar kan mag zo aan om tot sinds zonder tegen tussen hem haar ons mij jou zal zullen zit staat komt
        komen doen gedaan krijgen gekregen kreeg weten zien zeggen gezegd vragen vraag antwoord gebeld bellen bel
        wachten wacht gewacht weken dagen maanden jaar uur keer twee drie vijf zes zeven negen tien rekening
        factuur betaald betalen terug bestelling besteld levering geleverd leveren pakket bezorgd bezorger
        bezorging monteur klant klanten klantenservice medewerker storing werkt werken kapot opzeggen klacht
        klachten helemaal klaar snel vriendelijk tevreden ontevreden teleurgesteld belachelijk schandalig geweldig
        fijn mooi leuk maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart mei
        augustus meer veel mooie nieuwe",
    ),
    // Others, by some of their most frequent words: Catalan, Romanian; Swedish, Danish, Norwegian, Finnish; Polish,
    // Czech, Croatian; Hungarian, Turkish; Indonesian, Tagalog, Vietnamese; Hindi and Russian in Latin letters.
    (
        2,
        "amb els aquest aquesta molt gràcies vull tinc nu sunt pentru foarte vreau când och jag inte
        det att har som på med till av var när hade fått få mycket tack beställning jeg ikke og af vil blev meget
        mig min tak takk dere hvor hva fikk veldig bestilling ei että oli mutta kun niin tämä minun olen ette
        kiitos tilaus nie jest jak bardzo mnie mam jestem dlaczego zamówienie czy przez tylko
        jsem není jsme prosím objednávka nisam hvala molim hogy egy vagyok köszönöm
        kérem rendelés nagyon bir ve bu için çok ama merhaba lütfen yok neden kargo yang
        saya tidak dengan untuk ini itu sudah belum terima kasih mohon pesanan tolong ang mga hindi po ako ko ng
        lang naman salamat không tôi nahi kya kyun aap hoon spasibo privet zdravstvuyte pochemu",
    ),
];

/// Words that the lists of Portuguese have, and Spanish, too. They speak for Portuguese only where nothing speaks for
/// Spanish. A word that ends in `@` stands for its forms in -o, -a, -os and -as.
pub(super) const SHARED_WITH_PORTUGUESE: &str = "
    mas porque aqui nos dos mala malas ver vi dar parar saber sabe responder continua querer esperar espero consulta visita casa vida
    mundo gato carro moto verde azul comida bola tarde menor abril seis mil minuto minutos banco operadora pedi pedir abrir algo dentro
    lado cima domingo sábado agosto meses enviad@ envia enviar devolver celulares energia apartamento médic@ segund@ quinta sexta socorro
    fui manda mando compre computador último última queria sai importante nota notas
    de que para por como se te nada nunca cada desde entre sobre tod@ este era ser antes vamos está cliente clientes vez ano anos tu
    abandonad@ abre absolutamente absurd@ abusiv@ abuso adoro agradecemos agradecer agradecid@ alegre alegres alegria altamente alterar
    amamos amando amig@ amor animad@ ansios@ arrogância arrogante arrogantes atender atrasad@ atraso atrasos azar bandido bandidos
    barat@ bastante bateria benefício benefícios bloquead@ boleto boletos bonit@ burocracia burocrátic@ burr@ cabe cancelad@ cancelar
    cancelamos cansad@ caos capacitad@ capricho cara caras caro caros catálogo celular clar@ claramente clichê cobrad@ cobrando cobrar
    cobro compensa competência competente competentes complet@ completamente complicad@ compra comprando comprar compras compro conecta
    conectar confus@ conseguimos consigo contrato contratar cordial corrupt@ crédito culpa débito decepciona decepcionad@ decepcionante
    decepcionantes delícia delicios@ demora demorado demorando demoro desastre desastros@ desbloquear descaradamente desconecta desleal
    desorganizad@ detesto difícil diva divertid@ divin@ droga dura econômic@ educad@ eficaz eficazmente eficiência eficiente eficientes
    elogiar elogio elogios emocionad@ emocionante empresa encantad@ encantador encantadora enganad@ entra entrega entregar entregas
    espera esperando esperar estúpid@ estupidez excelência excelente excelentes excepcional exorbitante exorbitantes extraordinári@
    extraviad@ extravio fácil facilita facilmente fals@ falsificad@ falta faltando fantástic@ farsa favor feliz fenomenal frágil fraude
    fraudes fraudulent@ frustrad@ frustrante funciona funcionando funcionar funcione furios@ garantia genial gente gentil gentileza
    golpe golpes grat@ guerra honest@ hora horas horário horror horroros@ horrível idiota idiotas idône@ ignorad@ ignorância ignorante
    ignorantes imbecil impaciente incômodo incompetência incompetente incompetentes incomplet@ indicaria indico indignad@ inexistente
    infeliz injust@ inoperante instalar inteligente inteligentes interessante intuitiv@ inútil irrita irritad@ irritante irritantes
    just@ lent@ limitad@ lind@ machista magnífic@ maleducad@ manchad@ marca matar mega menos mentira mentiras mentiros@ merece merecer
    merecid@ mito modelo modern@ monóton@ multa multas nada negad@ negligência negligente nítid@ odio oferta ofertas organizad@
    oscila paciência paciente pacientes paga pagando pagar pago parcela parcialmente paz pedido pedidos pena perder perdi perdid@
    perfil plano planos potente potentes precári@ preocupad@ preocupante presente presentes problema problemas profundamente puta
    quebrad@ querid@ racista rápid@ rapidamente rapidez rasgad@ realmente recibo reclamando reclamar reclamo recomendad@ recomendo
    reembolsar reembolso reiniciar relativamente reserva resistente resistentes resolvemos resolver responde ridícul@ rindo ruído saldo
    segur@ semana sensacional servidor silencios@ simpatia simpátic@ sincer@ sistema soluciona solucionado solucionar super suspens@
    talento talentos@ tanta tanto tarifa tarifas técnic@ tedios@ titular totalmente tragédia trágic@ tranquil@ transparência treta
    triste tristes tristeza usuári@ útil vagabund@ vale valor valores vamos vencid@ venda vendedor vendedora verificar violência
    perfect@ péssim@ excelentíssim@ horas total final normal central personal digital";
