package prose

// Whether a bounce says that an address is dead.

import (
	"cmp"
	"slices"
	"strings"
)

var (
	deadRE  = lazyOneOf(`user (is )?(unknown|not found|doesn'?t exist|does not exist|invalid)|unknown (user|recipient|address|mailbox|local part|account|alias|username)|no such (user|recipient|mailbox|address|account|person|local|domain|host)|(user|recipient|mailbox|account|address|addressee|alias|e-?mail|name)( \S+){0,5}( is| was| has| does| do| could| can)?( not|n'?t)( be)?( exist| found| listed| known| a valid| valid| recogni[sz]ed| have a| match)|not (a )?(known|valid|our|existing) (user|recipient|mailbox|address|account|customer)|no (mailbox|account|user|recipient|address) (here|by that|with|found|exists|named)|invalid (recipient|user|mailbox|address|account|final delivery)|(recipient|user|mailbox|address) (address )?(unknown|invalid|undeliverable|not found|unavailable: user)|mailbox (unavailable|not found|does not exist|unknown|not available|doesn't exist|invalid)|(account|mailbox|address|user) (has been |is |was )?(closed|deleted|terminated|removed|no longer|expired|discontinued|deactivated)|no longer (valid|available|exists?|works?|in use|active|a customer|employed)|not listed in|unrouteable (mail )?(domain|address)|(host|domain|name service)( \S+){0,4} (unknown|not found|does not exist|doesn't exist|error)|(unknown|illegal|bad) (host|domain)|host or domain name not found|domain (name )?(not|does)|couldn'?t find any host|can'?t find host|non-?existent (user|domain|recipient|host|account)|address (has changed|moved)|has moved|has left|5\.1\.(0|1|2|3|4|6|10)\b|unknown or illegal|mail ?box is invalid|does not have an? (\S+ )?account|this user doesn'?t have|unknown (user )?account|unknown mailbox|no valid recipients?|nicht mehr (bei uns|in unserem|beschäftigt|beschaeftigt|vorhanden|gültig|aktiv)|ausgeschieden|empfänger (unbekannt|nicht gefunden)|plus (valide|employée?|parmi)|ne fait plus partie|ya no (trabaja|existe|es válid)|non (lavora|è) più|niet meer (werkzaam|geldig|in dienst)|não (trabalha|existe) mais|nicht bekannt|unbekannt|existiert nicht|n'existe pas|inconnu|no existe|desconocid|não existe|non esiste|bestaat niet|nie istnieje|не существует|存在しません|宛先不明|不存在`)
	aliveRE = lazyOneOf(`(mailbox|quota|inbox|storage|disk|account)( \S+){0,4} (is |has |was )?(full|over|exceed|out of)|over ?quota|quota (exceed|full)|exceed(s|ed)?( \S+){0,4} (quota|storage|limit|size)|too (large|big)|(message|mail) size|spam|junk|virus|malware|black ?list|block(ed|list)|reputation|spf|dkim|dmarc|policy|relay(ing)? (not|denied)|unable to relay|relay access|not permitted|denied by|access denied|authentication|reverse (dns|lookup)|ptr record|rate limit|too many|throttl|try again|temporar|timed? ?out|greylist|connection (refused|reset|timed|dropped|lost)|(could|can)( no|n')t (connect|be connected)|no route|network|unreachable|suspend|disabled|inactive|not active|expired|loop|hop count|content (reject|filter)|filtered|security|size limit|protocol|syntax|system (error|not)|resource|insufficient|delivery time|retry time|undergoing|maintenance|overloaded|local (configuration|error)|not accepting`)
)

// softStatus are the codes that never mean a dead address (RFC 3463 and its registry).
var softStatus = map[string]bool{
	"5.2.2": true, "5.2.3": true, "5.3.4": true, "5.3.2": true, "5.4.6": true, "5.4.7": true, "5.6.0": true, "5.1.7": true, "5.1.8": true, "5.7.9": true,
	"5.7.25": true, "5.7.26": true, "5.7.27": false, "5.7.28": true, "5.7.606": true, "5.7.23": true, "5.7.20": true,
}

// anySoft reports whether one of the status codes in the words never means a dead address.
func anySoft(words string) bool {
	return slices.ContainsFunc(statusRE().FindAllString(words, 5), func(s string) bool { return softStatus[s] })
}

var (
	blockedRE = lazyOneOf(`too many recipients|spamhaus|blocked using|recipient preferences|on hold|blacklist|block list`)
	senderRE  = lazyOneOf(`sender (address|domain|verif|rejected|denied|id)|domain of sender|from address|after mail from|mail from:.{0,60}(reject|denied|not|invalid)|your (ip|address|server|host|domain)|sent to too many|has sent to|blocked using|ip address (sending|\[)`)
	// ourFaultRE is what a server finds wrong with who sends and how: nothing that is missing then is the recipient.
	ourFaultRE = lazyOneOf(`(helo|ehlo) (command|name|host|string|greeting)|mail from domain|sender domain|sender['’]?s? (host|domain)|dkim signature|(rejected|refused|denied) by policy`)
	nowhereRE  = lazyOneOf(`no mx record|mail exchanger or ip|host does not accept mail|does not accept (any )?mail|invalid domain|domain (is )?(unknown|invalid)|nullmx|null mx|name or service not known|nxdomain`)
)

var (
	// againRE promises that another try may help.
	againRE = lazyOneOf(`try again|temporar|lookup (failure|timed out)|servfail|deferred`)
	// lostDomainRE is a domain that isn't there.
	lostDomainRE = lazyOneOf(`nxdomain|domain (name )?(\S+ )?(couldn['’]?t be found|could not be found|not found|does not exist|doesn['’]t exist|unknown)|unknown domain|no such domain|null ?mx|nonexistent domain|non-existent domain|domäne (wurde )?nicht gefunden`)
	// fullRE is a mailbox with no room left.
	fullRE = lazyOneOf(`over ?quota|quota (is )?(exceeded|full|reached)|(mailbox|inbox|account|mail ?box|storage)( \S+){0,3} (is )?full|exceed(s|ed)?( \S+){0,3} (quota|storage)|(boîte|boite|bal)( \S+){0,5} (est )?pleine|postfach (ist )?voll|buzón lleno|casella (è )?piena|(mailbox|postvak) (is )?vol\b|caixa (de correio )?cheia|skrzynka (jest )?pełna|ящик переполнен|邮箱已满|メールボックスが一杯|メールボックスがいっぱい`)
	// unknownRE is somebody who isn't there.
	unknownRE = lazyOneOf(`user unknown|unknown user|no such user|(does not|doesn't) exist`)
	// hostLostRE is a host that no name server knows just now.
	hostLostRE = lazyOneOf(`host (or domain name )?not found`)
	// afterTextRE tells that the server refused when it had the text, or was to get it.
	afterTextRE = lazyOneOf(`(reply to|after|during|response to) (the )?(end of )?data\b|>>> (data|\.)|data command`)
	// atRecipientRE tells that the server refused at the recipient's name.
	atRecipientRE = lazyOneOf(`rcpt`)
	// leftFirmRE is somebody who has left.
	leftFirmRE = lazyOneOf(`no longer|left the|nicht mehr|n'est plus|ya no|non è più|niet meer`)
)

// bounceKind says whether the address is dead. The status decides where it is exact (RFC
// 3463); servers use 5.1.1 for much, and 5.0.0 for all, so the words decide else.
func bounceKind(status, words string, text *noticeText) string {
	near := strings.ToLower(cmp.Or(words, text.text))
	near = addressRE().ReplaceAllString(near, "address") // names are no reasons
	exact := firstStatus(words)                          // what the server itself said, below the gateway's summary
	switch {
	case strings.Contains(near, "not found, try again"):
		return BounceSoft
	case againRE().MatchString(near) && (nowhereRE().MatchString(near) || hostLostRE().MatchString(near)) && !lostDomainRE().MatchString(near):
		return BounceSoft
	case ourFaultRE().MatchString(strings.ToLower(words)):
		return BounceSoft
	case strings.HasPrefix(status, "5.1.") && fullRE().MatchString(near) && !unknownRE().MatchString(near):
		return BounceSoft
	case softStatus[status] || anySoft(words) || blockedRE().MatchString(near) || !slices.Contains([]string{"5.1.1", "5.1.2"}, exact) && senderRE().MatchString(near):
		return BounceSoft
	case lostDomainRE().MatchString(near):
		return BounceHard
	case status == "4.1.1" && deadRE().MatchString(near):
		return BounceHard
	case strings.HasPrefix(status, "4.") && nowhereRE().MatchString(near):
		return BounceSoft
	case status == "5.4.4" || status == "5.1.3" || status == "5.1.2" || nowhereRE().MatchString(near):
		return BounceHard
	case strings.HasPrefix(status, "4."):
		if strings.HasPrefix(status, "4.4.") && strings.Contains(near, "host") && deadRE().MatchString(near) {
			return BounceHard
		}
		return BounceSoft
	case slices.Contains([]string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.0"}, status) && !aliveRE().MatchString(near):
		return BounceHard
	}
	return kindByWords(status, near, text)
}

// kindByWords says whether the address is dead by what is said of it, where the status is vague.
func kindByWords(status, near string, text *noticeText) string {
	dead, alive := deadRE().index(near), aliveRE().index(near)
	atRecipient := func() bool { return atRecipientRE().MatchString(text.lower) || atRecipientRE().MatchString(near) }
	switch {
	case status == "5.4.1" && strings.Contains(near, "recipient address rejected"): // Exchange Online's word for unknown
		return BounceHard
	case dead >= 0 && !strings.Contains(near, "user doesn't have") && (afterTextRE().MatchString(text.lower) || afterTextRE().MatchString(near)) && !atRecipient(): // a filter read the text first
		return BounceSoft
	case strings.HasPrefix(status, "5.2.") && dead >= 0 && !leftFirmRE().MatchString(near) && !atRecipient(): // the mailbox is there, and takes nothing
		return BounceSoft
	case dead >= 0 && (alive < 0 || dead <= alive):
		return BounceHard
	case alive >= 0:
		return BounceSoft
	case status == "" && text.dead():
		return BounceHard
	}
	return BounceSoft
}

// RefusedForGood reports whether a server's words at a recipient's name say that the address is dead.
func RefusedForGood(words string) bool {
	return bounceKind(firstStatus(words), words, &noticeText{}) == BounceHard
}
