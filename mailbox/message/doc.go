// Package message turns a mail's bytes into a Message: header, addresses, dates, MIME parts, charsets, and what the reader's own server
// found of its sender. Reading is lenient and bounded; no mail is refused, none takes more than linear time. What a mail says is
// prose's business.
package message
