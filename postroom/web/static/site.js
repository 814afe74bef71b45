// The pages work without this: it moves the focus to an error summary and counts characters.
import { initAll } from "./govuk/govuk-frontend.min.js";
initAll();
