// Package review finds what is wrong or doubtful about jobs before they are written, next to those that are stored.
package review
