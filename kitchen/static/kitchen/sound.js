// A beep for what is new. Browsers are silent until they are touched once, and the button says so.
const MUTED = "tamsang.muted";

export class Sound {
  constructor(button, words) {
    Object.assign(this, { button, words });
    this.context = new AudioContext();
    this.context.addEventListener("statechange", () => this.show());
    button.addEventListener("click", () => this.toggle());
    for (const gesture of ["pointerdown", "keydown"])
      addEventListener(gesture, () => this.context.resume(), { capture: true });
    this.show();
  }

  get muted() {
    return localStorage.getItem(MUTED) === "yes";
  }

  toggle() {
    localStorage.setItem(MUTED, this.muted ? "no" : "yes");
    this.show();
  }

  show() {
    const locked = this.context.state !== "running";
    const { sound_off, sound_on, sound_locked } = this.words;
    this.button.textContent = this.muted ? sound_off : locked ? sound_locked : sound_on;
    this.button.setAttribute("aria-pressed", String(!this.muted));
  }

  /** Two short tones; low ones for what must stop. */
  beep(pitch = 880) {
    if (this.muted || this.context.state !== "running") return;
    for (const [after, factor] of [[0, 1], [0.18, 1.25]]) {
      const [tone, volume] = [this.context.createOscillator(), this.context.createGain()];
      const at = this.context.currentTime + after;
      tone.frequency.value = pitch * factor;
      volume.gain.setValueAtTime(0.25, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.16);
      tone.connect(volume).connect(this.context.destination);
      tone.start(at);
      tone.stop(at + 0.17);
    }
  }
}
