package prose

import (
	"strings"
	"testing"

	"fifthcall/mailbox/message"
)

var classCases = []struct{ name, want, from, subject, header, media, body string }{
	{"office disclaimer", "human", "Jane Doe <jane.doe@acme.example>", "Contract draft", "", "text/plain", "Hi Robin, attached the draft contract. Please review by Friday and call me with questions.\n\nJane\n\nThis email and any attachments are confidential and intended solely for the use of the individual to whom it is addressed. If you have received this email in error please notify the sender and delete it. You are receiving this because you are a client. To opt-out of future communications please contact privacy@acme.example. Acme Ltd, registered in England no. 123456. All rights reserved."},
	{"office links", "human", "Jane Doe <jane.doe@acme.example>", "Reading list for the onboarding", "", "text/plain", "Hi Robin, here the documents we spoke of:\nhttps://acme.example/doc/0\nhttps://acme.example/doc/1\nhttps://acme.example/doc/2\nhttps://acme.example/doc/3\nhttps://acme.example/doc/4\nhttps://acme.example/doc/5\nhttps://acme.example/doc/6\nhttps://acme.example/doc/7\nhttps://acme.example/doc/8\nhttps://acme.example/doc/9\nhttps://acme.example/doc/10\nhttps://acme.example/doc/11\nhttps://acme.example/doc/12\nhttps://acme.example/doc/13\n\nCheers Jane"},
	{"office sales addr", "human", "Tom <sales@smallshop.example>", "Re: your question", "", "text/plain", "Hi Robin, yes we do repair those. Come by on Friday.\nTom"},
	{"office info addr", "human", "Tom <info@smallshop.example>", "Your question", "", "text/plain", "Hi Robin, yes we do repair those. Come by on Friday.\nTom"},
	{"office hr addr thanks", "human", "HR <hr@acme.example>", "Interview", "", "text/plain", "Dear Robin, we would like to invite your candidate for an interview on Tuesday. Kind regards, Anna"},
	{"human order", "human", "Jane <jane@acme.example>", "Order #1234", "", "text/plain", "Hi Robin, I cannot find the purchase order number 1234 in our system. Could you send the invoice number: 99 again?\nJane"},
	{"human newsletter mention", "human", "Jane <jane@acme.example>", "Team newsletter", "", "text/plain", "Hi Robin, could you write two lines for the newsletter? Deadline Friday. Jane"},
	{"human unsubscribe", "human", "Jane <jane@acme.example>", "CVs", "", "text/plain", "Please unsubscribe me, I do not want any more CVs."},
	{"human weekly", "human", "Jane <jane@acme.example>", "Weekly report", "", "text/plain", "Hi all, here my notes of this week. Three candidates met, two offers. Please tell me if something is missing. Jane"},
	{"human reminder", "human", "Jane <jane@acme.example>", "Reminder: timesheets", "", "text/plain", "Hi Robin, please send the timesheets today, payroll closes at 5. Jane"},
	{"human invoice", "human", "Jane <jane@acme.example>", "Your invoice", "", "text/plain", "Hi Robin, your invoice 5567 has a wrong VAT number. Can you resend? Jane"},
	{"human fwd newsletter", "human", "Jane <jane@acme.example>", "Fwd: Summer sale", "", "text/plain", "Look at this :)\n\n---------- Forwarded message ---------\nFrom: Shop <news@shop.example>\nDate: Mon, Jul 6, 2026\nSubject: Summer sale\nTo: Jane\n\nSave 50%! View in browser https://x. Unsubscribe https://y"},
	{"human via outreach", "human", "Jane <jane@acme.example>", "Re: quick question", "X-Mailer: HubSpot\nList-Unsubscribe: <mailto:u@hs.example>\nIn-Reply-To: <o@talent.example>\n", "text/plain", "Hi Robin, yes let us talk. https://link.outreach.example/1\nJane"},
	{"human webmaster", "human", "Webmaster <webmaster@club.example>", "Password", "", "text/plain", "Hi Robin, I have changed the server, try again please. Jan"},
	{"human admin", "human", "Karen Office <admin@smallco.example>", "Meeting room", "", "text/plain", "Hi Robin, the meeting room is booked for Tuesday at 10. Do you need coffee? Karen"},
	{"human accounts", "human", "Accounts <accounts@smallco.example>", "Bank details", "", "text/plain", "Dear Robin, could you send us your bank details so we can pay invoice no. 123? Thanks, Lucy"},
	{"human de abmelden", "human", "Lea <lea@acme.example>", "Termin", "", "text/plain", "Hallo Robin, ich muss mich leider vom Termin abmelden. Nächste Woche? Lea"},
	{"human long sig", "human", "Lea <lea@acme.example>", "Termin", "", "text/plain", "Hallo Robin, passt.\n\nLea\n--\nLea Muster\nhttps://www.acme.example\nhttps://facebook.com/acme\nhttps://twitter.com/acme\nhttps://linkedin.com/acme\nhttps://instagram.com/acme\nhttps://youtube.com/acme\nAbonnieren Sie unseren Newsletter: https://acme.example/newsletter\nHinweise zum Datenschutz https://acme.example/ds"},
	{"human scan errors", "human", "Lea <lea@acme.example>", "System", "", "text/plain", "Hi, the build #45 failed because of my change. I will fix it today. Lea"},
	{"bulk no list hdr", "bulk", "Acme News <news@acme.example>", "Acme Newsletter July 2026", "", "text/plain", "Dear reader,\n\nIn this issue:\n- New products\n- Summer sale\n\nYou are receiving this email because you subscribed at acme.example. To unsubscribe click here: https://acme.example/u"},
	{"bulk promo", "bulk", "Shoes4U <offers@shoes.example>", "50% off everything this weekend", "", "text/html", "<table><tr><td><a href=\"https://s.example/v\">View in browser</a></td></tr><tr><td><img src=1><img src=2><img src=3><img src=4></td></tr></table><a href=\"https://s.example/0\">Shop</a><a href=\"https://s.example/1\">Shop</a><a href=\"https://s.example/2\">Shop</a><a href=\"https://s.example/3\">Shop</a><a href=\"https://s.example/4\">Shop</a><a href=\"https://s.example/5\">Shop</a><a href=\"https://s.example/6\">Shop</a><a href=\"https://s.example/7\">Shop</a><a href=\"https://s.example/8\">Shop</a><a href=\"https://s.example/9\">Shop</a><a href=\"https://s.example/10\">Shop</a><a href=\"https://s.example/11\">Shop</a><a href=\"https://s.example/12\">Shop</a><a href=\"https://s.example/13\">Shop</a><p>Unsubscribe | Privacy</p>"},
	{"bulk de", "bulk", "Muster GmbH <info@muster.example>", "Unsere Angebote im Juli", "Return-Path: <bounce-123@mail.muster.example>\n", "text/plain", "Sehr geehrte Kunden,\nunsere Angebote im Juli.\n\nWenn Sie diesen Newsletter nicht mehr erhalten möchten, können Sie sich hier abmelden: https://muster.example/ab"},
	{"bulk fr", "bulk", "Boutique <contact@news.boutique.example>", "Soldes : -50 % sur tout", "", "text/plain", "Bonjour, découvrez nos soldes.\nhttps://b.example/1 https://b.example/2 https://b.example/3 https://b.example/4 https://b.example/5 https://b.example/6\nSe désabonner : https://b.example/u"},
	{"bulk webinar", "bulk", "Acme Events <events@acme.example>", "Join our webinar: hiring in 2026", "", "text/html", "<p>Register now</p><img src=1 width=1 height=1><a href=\"https://a.example/0\">x</a><a href=\"https://a.example/1\">x</a><a href=\"https://a.example/2\">x</a><a href=\"https://a.example/3\">x</a><a href=\"https://a.example/4\">x</a><a href=\"https://a.example/5\">x</a><a href=\"https://a.example/6\">x</a><a href=\"https://a.example/7\">x</a><p>If you no longer wish to receive these emails, update your preferences.</p>"},
	{"bulk es", "bulk", "Tienda <boletin@tienda.example>", "Boletín semanal", "", "text/plain", "Novedades de la semana. https://t.example/1 https://t.example/2 https://t.example/3 https://t.example/4 https://t.example/5 https://t.example/6 https://t.example/7\nSi no desea recibir más correos, puede darse de baja aquí."},
	{"bulk it", "bulk", "Negozio <newsletter@negozio.example>", "Le offerte della settimana", "", "text/plain", "Ecco le offerte. Per cancellarti clicca qui https://n.example/u"},
	{"auto receipt", "automated", "Shop <orders@shop.example>", "Order confirmation #4711", "", "text/plain", "Thank you for your order.\n\nOrder number: 4711\nTotal 29.99\nYour order will be shipped soon."},
	{"auto amazon", "automated", "Amazon <auto-confirm@amazon.example>", "Your order of \"Chair\"", "", "text/plain", "Hello Robin, thank you for your order. Order # 123-456. Arriving Friday."},
	{"auto jira", "automated", "Jane (JIRA) <jira@acme.example>", "[JIRA] (HIRE-12) Update page", "", "text/plain", "Jane updated HIRE-12\n\nhttps://jira.example/browse/HIRE-12\n\nThis message was sent by Atlassian JIRA"},
	{"auto github", "automated", "notifications <notifications@github.example>", "[org/repo] Fix (#12)", "X-GitHub-Reason: subscribed\n", "text/plain", "Merged #12 into main.\n\n-- \nYou are receiving this because you are subscribed to this thread."},
	{"auto bank", "automated", "Bank <service@bank.example>", "Your statement is ready", "", "text/plain", "Your e-statement for June is now available. Please do not reply to this email, this mailbox is unmonitored."},
	{"auto shipping de", "automated", "DHL <noreply@dhl.example>", "Ihr Paket kommt heute", "", "text/plain", "Ihre Sendung wird heute zugestellt. Bitte antworten Sie nicht auf diese E-Mail."},
	{"auto shipping de2", "automated", "Versand <versand@shop.example>", "Ihre Bestellung 123456 wurde versandt", "", "text/plain", "Guten Tag, Ihre Bestellung wurde versandt. Sendungsnummer 0034. Diese E-Mail wurde automatisch erstellt, bitte antworten Sie nicht darauf."},
	{"auto code", "automated", "Acme <account@acme.example>", "Your verification code", "", "text/plain", "Your verification code is 123456. It expires in 10 minutes."},
	{"auto fr", "automated", "Boutique <commande@boutique.example>", "Confirmation de votre commande n° 4711", "", "text/plain", "Merci pour votre commande. Ceci est un message automatique, merci de ne pas y répondre."},
	{"auto cron", "automated", "root <root@srv.example>", "Cron <root@srv> /usr/bin/backup", "", "text/plain", "backup done"},
	{"auto calendar", "automated", "Google Calendar <calendar-notification@google.example>", "Notification: Interview @ Tue", "", "text/plain", "Interview starts in 10 minutes. You are receiving this email because you are subscribed to notifications."},
	{"auto doodle", "automated", "Doodle <no-reply@doodle.example>", "Tom answered your poll", "", "text/plain", "Tom answered"},
	{"auto monitoring", "automated", "Monitoring <monitor@srv.example>", "PROBLEM: disk on srv1 is CRITICAL", "", "text/plain", "***** Nagios *****\nNotification Type: PROBLEM\nHost: srv1\nState: CRITICAL"},
	{"auto es pedido", "automated", "Tienda <pedidos@tienda.example>", "Confirmación de pedido 4711", "", "text/plain", "Gracias por su pedido. Número de pedido: 4711. Por favor no responda a este mensaje, es automático."},
	{"list hdr", "list", "Jane <jane@acme.example>", "[dev] Re: build", "List-Id: <dev.acme.example>\nList-Post: <mailto:dev@acme.example>\n", "text/plain", "I think so too.\n_______________________________________________\ndev mailing list"},
	{"list old majordomo", "list", "Jane <jane@acme.example>", "Re: build", "Sender: owner-dev@lists.acme.example\nPrecedence: bulk\nTo2: dev@lists.acme.example\n", "text/plain", "I think so too."},
	{"list yahoo", "list", "Jane <jane@acme.example>", "[runners] Sunday", "Mailing-List: list runners@yahoogroups.example\n", "text/plain", "See you at 9.\n\nTo unsubscribe from this group, send an email to: runners-unsubscribe@yahoogroups.example"},
	{"list footer only", "list", "Jane <jane@acme.example>", "[runners] Sunday", "Sender: runners-bounces@lists.example\nX-BeenThere: runners@lists.example\n", "text/plain", "See you at 9.\n_______________________________________________\nrunners mailing list\nrunners@lists.example\nhttps://lists.example/mailman/listinfo/runners"},
	{"delay", "automated", "MAILER-DAEMON@mx.example", "Warning: message still undelivered", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", "", "--b\nContent-Type: text/plain\n\nYour mail is delayed.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; tom@acme.example\nAction: delayed\nStatus: 4.4.1\n--b--\n"},
	{"delivered", "automated", "MAILER-DAEMON@mx.example", "Delivered", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", "", "--b\nContent-Type: text/plain\n\nYour mail was delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; tom@acme.example\nAction: delivered\nStatus: 2.1.5\n--b--\n"},
	{"failed", "bounce", "MAILER-DAEMON@mx.example", "Undelivered", "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n", "", "--b\nContent-Type: text/plain\n\nNo such user.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; tom@acme.example\nAction: failed\nStatus: 5.1.1\n--b--\n"},
	{"asks about a holiday", "human", "Jane <jane@acme.example>", "Vacation", "", "text/plain", "Hi Robin, I'll be away from Monday until 20 July. Can we talk on Thursday before I go?\nJane"},
	{"a holiday, by no program", "auto_reply", "Jane <jane@acme.example>", "Out of office", "", "text/plain", "I am out of the office until 20 July. For urgent matters call reception."},
}

func TestClasses(t *testing.T) {
	for _, c := range classCases {
		t.Run(c.name, func(t *testing.T) {
			mail := "From: " + c.from + "\nTo: robin@talent.example\nSubject: " + c.subject + "\nDate: Wed, 08 Jul 2026 09:00:00 +0100\nMessage-ID: <c@c.example>\nMIME-Version: 1.0\n" + c.header
			if c.media != "" {
				mail += "Content-Type: " + c.media + "; charset=utf-8\n"
			}
			part := message.ParsePart([]byte(strings.ReplaceAll(mail+"\n"+c.body, "\n", "\r\n")))
			m := message.ReadHeader(part.Header, autoReplyMessage("2026-07-08", "x").Date, 0)
			got, why := Classify(m, part, func(a string) bool { return a == "robin@talent.example" })
			if string(got) != c.want {
				t.Errorf("got %s (%v), want %s", got, why, c.want)
			}
		})
	}
}
