/** @file Types of what Astro and Vite import: components, styles. */

/// <reference types="astro/client" />
