// Package letters decides which letter is written to whom and when, what holds it, and what the recruiter says of it;
// sequences likewise. How a letter reads is letter's, how it leaves is door/outbox's.
package letters
