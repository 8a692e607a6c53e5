// print: size=1440x960 key=#2b2a33 spot=#4aa3a0 seed=161 knock=.85
// Buoy 7 in a flooded meadow behind the salt works, still lit.
#declare Seed=59; #declare Haze=330; #declare HazeTop=12; #declare HazeTone=.86; #declare SunX=-.7; #declare SunY=.40; #declare SunZ=-.25; #declare SunLight=.8; #declare SkyLow=.82; #declare SkyHigh=.26; #declare SkyBand=.36; #declare Chop=.07; #declare Fill=.10; #declare Ambient=.10;
#include "kit.inc"
#declare Eye=<0,2.6,-15>;
camera{location Eye look_at Eye+<.02,-.085,1> right x*image_width/image_height angle 56}
Cloud(-20,8,10,.5) Cloud(0,11,12,.42) Cloud(18,7,9,.52) Cloud(6,5,7,.6)
Water(.06)
// Islands of grass between the puddles.
#declare Turf=function(a,b){.46*(Blots(a*.11,b*.075,3.3)-.53)+.05*(Froth(a*.2,b*.2,1)-.5)}
height_field{function 700,700{max(0,min(1,.5+Turf(-60+120*x,-14+110*(1-y))/.8))} translate<0,-.5,0> scale<120,.8,110> translate<-60,0,-14> Tone(.05)}
#declare i=0; #while(i<900) #declare gx=Between(-1,1); #declare gz=-9+pow(rand(R),1.7)*62; #declare px=gx*(6+(gz+15)*.56);
  #if (Turf(px,gz)>-.02) union{ #declare j=0; #while(j<7) #declare a=Between(-.16,.16); cone{<a,0,0>,.016,<a+Between(-.22,.22),Between(.22,.62),Between(-.1,.1)>,.002} #declare j=j+1; #end Flat((rand(R)<.35?.10:.006)) translate<px,max(0,Turf(px,gz)),gz>} #end
#declare i=i+1; #end
// A fence under water, and the dyke.
#declare k=0; #while(k<16) union{box{<-.07,-.5,-.07>,<.07,Between(.75,1.0),.07> rotate z*Between(-8,8)} Tone(.01) translate<-16+k*2.6,0,14+k*.7>} #declare k=k+1; #end
Bar(<-16,.55,14>,<26,.50,25.2>,.02)
prism{linear_spline -300,300,5,<0,0>,<7,3.2>,<10,3.2>,<17,0>,<0,0> matrix<0,0,1, 1,0,0, 0,1,0, 0,0,0> translate z*52 Tone(.16)}
// The salt works: low sheds, a chimney, a heap.
union{ #declare k=0; #while(k<4) union{box{<0,0,0>,<17,4.2,9>} prism{linear_spline -.5,17.5,4,<-.6,4>,<9.6,4>,<4.5,7.4>,<-.6,4> matrix<0,0,1, 1,0,0, 0,1,0, 0,0,0> Tone(.06)} #declare j=0; #while(j<4) box{<1.5+j*4,1,-.05>,<3.5+j*4,3,.1> Flat(.02)} #declare j=j+1; #end translate<k*19.5,0,mod(k,2)*4>} #declare k=k+1; #end
  cone{<30,0,14>,1.5,<30,24,14>,.95} cylinder{<30,23.4,14>,<30,24.2,14>,1.25} cone{<-9,0,6>,8,<-9,6.5,6>,.4 Tone(.85)} Bar(<-18,0,4>,<-9,8.5,6>,.25) Bar(<-9,8.5,6>,<-5,6.5,6>,.2) Tone(.13) translate<-29,2.4,78>}
object{BareTree(9,4,.03) translate<26,1,60>} object{BareTree(7,4,.03) translate<31,1,62>} object{BareTree(8,4,.04) translate<-38,1,64>}
// The buoy, on its side: body, cage, lamp, and its chain.
union{
  cylinder{<0,-1.1,0>,<0,.55,0>,1.28 Tone(.26)} cone{<0,.55,0>,1.28,<0,.95,0>,.95 Tone(.34)} cylinder{<0,-.35,0>,<0,.0,0>,1.295 Tone(.85)} torus{1.28,.07 translate y*.55 Tone(.01)} torus{1.28,.07 translate y*-1.1 Tone(.01)} cone{<0,-1.1,0>,1.25,<0,-2.0,0>,.5 Tone(.10)} cylinder{<0,-2.6,0>,<0,-1.9,0>,.22}
  #declare i=0; #while(i<4) #declare a=i*pi/2+.5; Bar(<.85*cos(a),.9,.85*sin(a)>,<.34*cos(a),3.5,.34*sin(a)>,.07)
    #declare b=(i+1)*pi/2+.5; Bar(<.68*cos(a),1.7,.68*sin(a)>,<.68*cos(b),1.7,.68*sin(b)>,.045) Bar(<.50*cos(a),2.6,.50*sin(a)>,<.50*cos(b),2.6,.50*sin(b)>,.045) Bar(<.85*cos(a),.9,.85*sin(a)>,<.68*cos(b),1.7,.68*sin(b)>,.035) Bar(<.68*cos(a),1.7,.68*sin(a)>,<.50*cos(b),2.6,.50*sin(b)>,.035) #declare i=i+1; #end
  cylinder{<0,3.45,0>,<0,3.6,0>,.50} cylinder{<0,3.6,0>,<0,4.15,0>,.26 Spot(.98)} cone{<0,4.15,0>,.34,<0,4.45,0>,.08} box{<-.9,2.2,-.04>,<.9,3.3,.0> rotate y*25 Tone(.75)}
  Tone(.008) rotate z*-66 rotate y*-22 translate<-1.6,.85,-3.2>}
Glow(<1.85,2.46,-.7>,1.9,.60)
#declare k=0; #while(k<15) torus{.15,.045 scale<1.5,1,1> rotate<(mod(k,2)*80+10),Between(-20,20),0> translate<-3.9-k*.30,.12-k*.012+.25*max(0,1-k/4),-3.9-.22*k+.2*sin(k*.9)> Tone(.004)} #declare k=k+1; #end
object{Figure(1.76,.006,1) rotate y*20 translate<9.8,.1,11>}
#declare i=0; #while(i<6) Gull(<Between(-12,12),Between(5,8),Between(5,20)>,Between(.45,.75),Between(-30,30),.02) #declare i=i+1; #end
