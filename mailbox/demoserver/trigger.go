package demoserver

import (
	"bytes"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// Triggers are the local parts whose mail is answered, and with what.
var Triggers = []string{"reply", "ooo", "bounce", "interview"}

// Refused is the local part to which no mail is taken.
const Refused = "refused"

// refusedAtOnce reports whether nobody is at an address, and the server says so before it takes the mail.
func refusedAtOnce(to string) bool {
	local, _, _ := strings.Cut(strings.ToLower(to), "@")
	return local == Refused
}

// triggered is the answer of a trigger address, nil for others.
func triggered(local, to, from string, data []byte, now time.Time) []byte {
	subject, id := "", ""
	if m, err := mail.ReadMessage(bytes.NewReader(data)); err == nil {
		subject, id = m.Header.Get("Subject"), m.Header.Get("Message-Id")
	}
	h := Head{From: "Robin Trigger <" + to + ">", To: from, Date: now, ID: fmt.Sprintf("trigger-%d@example", now.UnixNano()), Extra: []string{"In-Reply-To: " + oneLine(id), "References: " + oneLine(id)}}
	switch local {
	case "reply":
		h.Subject = "Re: " + oneLine(subject)
		return h.Mail("Thanks for your mail, that sounds good. Call me next week?\r\n\r\nRobin\r\n")
	case "ooo":
		h.Subject = "Automatic reply: " + oneLine(subject)
		h.Extra = append(h.Extra, "Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All")
		return h.Mail("I am out of the office until " + now.AddDate(0, 0, 9).Format("Monday, 2 January 2006") + ".\r\n")
	case "bounce":
		return bounce(to, from, id, now)
	case "interview":
		h.Subject = "Invitation: Interview"
		return invitation(h, from, now)
	}
	return nil
}

// oneLine keeps a stranger's text from adding headers.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)), " ")
}

func bounce(failed, from, id string, now time.Time) []byte {
	h := Head{From: "Mail Delivery System <MAILER-DAEMON@example.net>", To: from, Subject: "Undelivered Mail Returned to Sender", Date: now, ID: fmt.Sprintf("bounce-%d@example", now.UnixNano()),
		Extra: []string{"Return-Path: <>", "Auto-Submitted: auto-replied", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=delivery-status; boundary="b1"`}}
	body := "--b1\r\nContent-Type: text/plain\r\n\r\nYour mail to " + failed + " could not be delivered: no such user.\r\n" +
		"--b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; " + failed + "\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n" +
		"--b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + oneLine(id) + "\r\n\r\n--b1--\r\n"
	return h.raw(body)
}

func invitation(h Head, to string, now time.Time) []byte {
	start := now.UTC().AddDate(0, 0, 5).Truncate(24 * time.Hour).Add(14 * time.Hour)
	ics := strings.Join([]string{
		"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "METHOD:REQUEST", "BEGIN:VEVENT", fmt.Sprintf("UID:interview-%d@example", now.UnixNano()),
		"SEQUENCE:0", "DTSTAMP:" + now.UTC().Format("20060102T150405Z"), "DTSTART:" + start.Format("20060102T150405Z"), "DTEND:" + start.Add(time.Hour).Format("20060102T150405Z"),
		"SUMMARY:Interview", "LOCATION:https://meet.example/robin", "ORGANIZER;CN=Robin Trigger:mailto:robin@example.com", "ATTENDEE;CN=You:mailto:" + to,
		"ATTENDEE;CN=Kim Candidate:mailto:kim.candidate@example.org", "END:VEVENT", "END:VCALENDAR", "",
	}, "\r\n")
	h.Extra = append(h.Extra, "MIME-Version: 1.0", `Content-Type: multipart/alternative; boundary="b1"`)
	return h.raw("--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nYou are invited to an interview.\r\n--b1\r\nContent-Type: text/calendar; method=REQUEST; charset=utf-8\r\n\r\n" + ics + "--b1--\r\n")
}
