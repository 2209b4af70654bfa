// Package web serves the page, the feed, health and metrics over HTTP. It knows the daemon
// only through the small Source that it declares.
package web
